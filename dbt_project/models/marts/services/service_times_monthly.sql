with
    closed as (
        select
            department,
            service_code,
            {{ month_of("closed_date") }} as month,
            is_instant,
            case when {{ counts_in("median_minutes_to_close") }} then minutes_to_close end as minutes_to_close
        from {{ ref("int_service_requests_classified") }}
        where counting_class = 'counted' and closed_date is not null
    ),

    -- times of groups cannot be made of those of their parts: each is worked out of the requests themselves
    grouped as (
        select 'service' as grouping_kind, *
        from closed
        union all
        select 'department', * replace ('all' as service_code)
        from closed
        union all
        select 'city', * replace ('all' as department, 'all' as service_code)
        from closed
    ),

    timed as (
        select
            month,
            grouping_kind,
            department,
            service_code,
            count(*) as closed_count,
            count(*) filter (is_instant) as instant_count,
            count(minutes_to_close) as timed_count,
            {{ metric("median_minutes_to_close") }} as median_minutes_to_close,
            {{ metric("p90_minutes_to_close") }} as p90_minutes_to_close
        from grouped
        group by all
    )

select
    month,
    grouping_kind,
    department,
    service_code,
    services.service_name,
    closed_count,
    instant_count,
    {{ metric("share_of_closed", of="instant_count") }} as instant_share,
    timed_count,
    median_minutes_to_close,
    p90_minutes_to_close
from timed
left join {{ ref("int_services") }} as services using (department, service_code)
