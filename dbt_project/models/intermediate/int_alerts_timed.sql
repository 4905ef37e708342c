with
    judged as (
        select alert_id, min(happened_at) as judged_at
        from {{ source("ops", "alert_event") }}
        where event in ('resolved', 'false_alarm')
        group by alert_id
    )

select
    alerts.*,
    judged.judged_at,
    judged.judged_at is not null as is_judged,
    -- nothing can be said of an alert after that
    alerts.state = 'false_alarm' as is_false_alarm,
    alerts.snooze_until is not null as is_snoozed,
    {{ local_date("raised_at") }} as day,
    {{ minutes_between("onset_at", "sent_at") }} as detection_minutes,
    {{ minutes_between("visible_at", "sent_at") }} as reaction_minutes,
    {{ minutes_between("sent_at", "acknowledged_at") }} as acknowledgement_minutes
from {{ source("ops", "alert") }} as alerts
left join judged using (alert_id)
