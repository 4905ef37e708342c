with
    counted as (select * from {{ ref("int_service_requests_classified") }} where counting_class = 'counted'),

    closed as (
        select
            area_code,
            department,
            service_code,
            {{ month_of("closed_date") }} as month,
            case when {{ counts_in("median_minutes_to_close") }} then minutes_to_close end as minutes_to_close
        from counted
        where closed_date is not null
    ),

    cities as (
        select month, {{ metric("median_minutes_to_close") }} as city_median_minutes_to_close
        from closed
        group by all
    ),

    services as (
        select department, service_code, month, {{ metric("median_minutes_to_close") }} as usual_minutes
        from closed
        group by all
    ),

    -- an area that asks for slow services waits long for good reason: a request is held against its kind
    compared as (
        select closed.*, {{ metric("relative_wait") }} as relative_wait
        from closed
        inner join services using (department, service_code, month)
    ),

    waited as (
        select
            area_code,
            month,
            count(*) as closed_count,
            count(minutes_to_close) as timed_count,
            {{ metric("median_minutes_to_close") }} as median_minutes_to_close,
            {{ metric("p90_minutes_to_close") }} as p90_minutes_to_close,
            count(relative_wait) as compared_count,
            {{ metric("wait_ratio") }} as wait_ratio
        from compared
        group by all
    ),

    opened as (
        select area_code, {{ month_of("opened_date") }} as month, count(*) as counted_count
        from counted
        group by all
    ),

    joined as (
        select
            area_code,
            month,
            coalesce(closed_count, 0) as closed_count,
            coalesce(timed_count, 0) as timed_count,
            median_minutes_to_close,
            p90_minutes_to_close,
            coalesce(compared_count, 0) as compared_count,
            wait_ratio,
            coalesce(counted_count, 0) as counted_count
        from waited
        full join opened using (area_code, month)
    )

select
    area_code,
    areas.area_name,
    month,
    closed_count,
    timed_count,
    median_minutes_to_close,
    p90_minutes_to_close,
    city_median_minutes_to_close,
    compared_count,
    wait_ratio,
    population,
    population_year,
    population_is_estimated,
    {{ metric("requests_per_1k") }} as requests_per_1k
from joined
left join cities using (month)
left join {{ ref("int_areas") }} as areas using (area_code)
left join {{ ref("int_area_populations_known") }} using (area_code, month)
