with
    daily as (
        select
            rule,
            day,
            count(*) as raised_count,
            count(sent_at) as sent_count,
            count(*) filter (is_folded) as folded_count,
            count(*) filter (is_snoozed and not is_folded) as snoozed_count,
            count(*) filter (is_folded or is_snoozed) as muted_count,
            count(escalated_at) as escalated_count,
            count(acknowledged_at) as acknowledged_count,
            count(*) filter (is_judged) as judged_count,
            count(*) filter (is_judged and not is_false_alarm) as true_alarm_count,
            {{ metric("median_detection_minutes") }} as median_detection_minutes,
            {{ metric("median_reaction_minutes") }} as median_reaction_minutes,
            {{ metric("median_acknowledgement_minutes") }} as median_acknowledgement_minutes
        from {{ ref("int_alerts_timed") }}
        group by rule, day
    )

select
    rule,
    day,
    raised_count,
    sent_count,
    folded_count,
    snoozed_count,
    muted_count,
    escalated_count,
    acknowledged_count,
    judged_count,
    true_alarm_count,
    {{ metric("alert_precision_share") }} as alert_precision_share,
    {{ metric("muted_share") }} as muted_share,
    median_detection_minutes,
    median_reaction_minutes,
    median_acknowledgement_minutes
from daily
