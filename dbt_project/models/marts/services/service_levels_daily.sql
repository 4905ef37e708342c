with
    requests as (select * from {{ ref("int_service_requests_classified") }}),

    counted as (select * from requests where counting_class = 'counted'),

    opened as (
        select
            area_code,
            department,
            service_code,
            opened_date as day,
            count(*) as opened_count,
            count(*) filter (counting_class = 'counted') as counted_count,
            count(*) filter (counting_class = 'duplicate') as duplicate_count,
            count(*) filter (counting_class = 'internal') as internal_count,
            count(*) filter (counting_class = 'cancelled') as cancelled_count,
            count(*) filter (counting_class = 'counted' and not has_target) as no_target_count
        from requests
        group by all
    ),

    timed as (
        select
            * replace (
                case
                    when {{ counts_in("median_minutes_to_close") }} then minutes_to_close
                end as minutes_to_close
            )
        from counted
    ),

    closed as (
        select
            area_code,
            department,
            service_code,
            closed_date as day,
            count(*) as closed_count,
            count(*) filter ({{ counts_in("closed_on_time_share") }}) as closed_with_target_count,
            count(*) filter ({{ succeeds_in("closed_on_time_share") }}) as closed_on_time_count,
            count(*) filter (is_instant) as instant_count,
            {{ metric("median_minutes_to_close") }} as median_minutes_to_close,
            {{ metric("p90_minutes_to_close") }} as p90_minutes_to_close
        from timed
        where closed_date is not null
        group by all
    ),

    due as (
        select
            area_code,
            department,
            service_code,
            {{ day_in("due_on_time_share") }} as day,
            count(*) as due_count,
            count(*) filter ({{ succeeds_in("due_on_time_share") }}) as due_on_time_count,
            count(*) filter ({{ counts_in("strict_on_time_share") }}) as strict_due_count,
            count(*) filter ({{ succeeds_in("strict_on_time_share") }}) as strict_due_on_time_count
        from requests
        where {{ counts_in("due_on_time_share") }}
        group by all
    ),

    reopened as (
        select area_code, department, service_code, happened_date as day, count(*) as reopened_count
        from {{ ref("int_service_requests_changed") }}
        inner join counted using (feed, request_id)
        where event = 'reopened' and has_been_closed
        group by all
    ),

    -- what waits at the end of a day is the sum of everything that began and ended to wait until then
    changes as (
        select area_code, department, service_code, opened_date as day, 1 as backlog, 0 as overdue
        from counted
        union all
        select area_code, department, service_code, ended_date, -1, 0
        from counted
        where ended_date is not null
        union all
        select area_code, department, service_code, greatest(due_date, opened_date), 0, 1
        from counted
        where is_due
        union all
        select area_code, department, service_code, greatest(due_date, opened_date, ended_date), 0, -1
        from counted
        where is_due and ended_date is not null
    ),

    first_days as (
        select area_code, department, service_code, min(opened_date) as first_day from requests group by all
    ),

    -- a promise may lie before the first request, and a request after the last day of the build
    days as (
        select area_code, department, service_code, dates.day
        from first_days
        inner join {{ ref("int_dates") }} as dates on dates.day >= first_days.first_day
        union
        select area_code, department, service_code, day
        from opened
        union
        select area_code, department, service_code, day
        from due
    ),

    daily_changes as (
        select area_code, department, service_code, day, sum(backlog) as backlog, sum(overdue) as overdue
        from changes
        group by all
    ),

    waiting as (
        select
            days.*,
            cast(sum(coalesce(backlog, 0)) over so_far as bigint) as backlog_count,
            cast(sum(coalesce(overdue, 0)) over so_far as bigint) as open_overdue_count
        from days
        left join daily_changes using (area_code, department, service_code, day)
        window so_far as (partition by area_code, department, service_code order by day)
    )

select
    area_code,
    department,
    service_code,
    services.service_name,
    day,
    coalesce(opened_count, 0) as opened_count,
    coalesce(counted_count, 0) as counted_count,
    coalesce(duplicate_count, 0) as duplicate_count,
    coalesce(internal_count, 0) as internal_count,
    coalesce(cancelled_count, 0) as cancelled_count,
    coalesce(no_target_count, 0) as no_target_count,
    coalesce(closed_count, 0) as closed_count,
    coalesce(closed_with_target_count, 0) as closed_with_target_count,
    coalesce(closed_on_time_count, 0) as closed_on_time_count,
    {{ metric("closed_on_time_share") }} as closed_on_time_share,
    coalesce(instant_count, 0) as instant_count,
    coalesce(reopened_count, 0) as reopened_count,
    coalesce(due_count, 0) as due_count,
    coalesce(due_on_time_count, 0) as due_on_time_count,
    {{ metric("due_on_time_share") }} as due_on_time_share,
    coalesce(strict_due_count, 0) as strict_due_count,
    coalesce(strict_due_on_time_count, 0) as strict_due_on_time_count,
    {{ metric("strict_on_time_share") }} as strict_on_time_share,
    backlog_count,
    open_overdue_count,
    median_minutes_to_close,
    p90_minutes_to_close
from waiting
inner join {{ ref("int_services") }} as services using (department, service_code)
left join opened using (area_code, department, service_code, day)
left join closed using (area_code, department, service_code, day)
left join due using (area_code, department, service_code, day)
left join reopened using (area_code, department, service_code, day)
where backlog_count > 0 or opened_count > 0 or closed_count > 0 or due_count > 0 or reopened_count > 0
