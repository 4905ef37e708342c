-- What was opened, what was closed and what still waits in the mart are the requests themselves, no
-- more and no less.
with
    today as (select max(day) as day from {{ ref("int_dates") }}),

    mart as (
        select
            coalesce(sum(opened_count), 0) as opened,
            coalesce(sum(closed_count), 0) as closed,
            coalesce(sum(due_count), 0) as due,
            coalesce(sum(backlog_count) filter (day = (select today.day from today)), 0) as waiting
        from {{ ref("service_levels_daily") }}
    ),

    requests as (
        select
            count(*) as opened,
            count(*) filter (counting_class = 'counted' and closed_at is not null) as closed,
            count(*) filter (counting_class = 'counted' and is_due) as due,
            count(*) filter (
                counting_class = 'counted'
                and opened_date <= today.day
                and coalesce(ended_date > today.day, true)
            ) as waiting
        from {{ ref("int_service_requests_classified") }}
        cross join today
    )

select mart.*, requests.*
from mart
cross join requests
where
    mart.opened <> requests.opened
    or mart.closed <> requests.closed
    or mart.due <> requests.due
    or mart.waiting <> requests.waiting
