with
    requests as (
        select
            feed,
            request_id,
            {{ department_of("feed") }} as department,
            service_code,
            {{ placed("area_code") }} as area_code,
            status,
            requested_at,
            updated_at,
            expected_at,
            -- a time of closing says nothing about a request that was opened again
            case when status = 'closed' and closed_at <= {{ as_of() }} then closed_at end as closed_at,
            case
                when status = 'cancelled'
                then 'cancelled'
                when is_duplicate or parent_request_id is not null
                then 'duplicate'
                when channel = 'internal'
                then 'internal'
                else 'counted'
            end as counting_class
        from {{ ref("stg_service_request") }}
    ),

    dated as (
        select
            *,
            {{ local_date("requested_at") }} as opened_date,
            {{ local_date("closed_at") }} as closed_date,
            {{ local_date("expected_at") }} as due_date,
            -- midnight is how systems write a date without a time: such a target holds until the day ends
            case
                when cast({{ local_time("expected_at") }} as time) = time '00:00:00'
                then
                    {{ instant_of(local_time("expected_at") ~ " + interval 1 day") }} - interval 1 microsecond
                else expected_at
            end as deadline_at
        from requests
    )

select
    *,
    deadline_at is not null as has_target,
    -- complete minutes that passed in the real world, whatever the clocks did
    date_sub('minute', requested_at, closed_at) as minutes_to_close,
    closed_at <= deadline_at as is_closed_on_time,
    coalesce(deadline_at <= {{ as_of() }}, false) as is_due,
    case
        when deadline_at <= {{ as_of() }} then coalesce(closed_at <= deadline_at, false)
    end as is_due_on_time,
    coalesce(status = 'open' and deadline_at < {{ as_of() }}, false) as is_overdue,
    -- a request closed or cancelled without a time stopped waiting by its last update at the latest
    case
        when status <> 'open'
        then greatest(opened_date, coalesce(closed_date, {{ local_date("updated_at") }}, opened_date))
    end as ended_date
from dated
