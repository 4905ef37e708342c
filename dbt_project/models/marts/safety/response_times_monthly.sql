with
    medians as (
        select
            coalesce(area_code, 'city') as area_code,
            call_type,
            month,
            {{ metric("median_response_minutes") }} as median_response_minutes,
            {{ metric("p90_response_minutes") }} as p90_response_minutes
        from
            (
                select *, {{ month_of("received_date") }} as month
                from {{ ref("int_emergency_incidents_responded") }}
            )
        group by grouping sets ((area_code, call_type, month), (call_type, month))
    ),

    counts as (
        select
            coalesce(area_code, 'city') as area_code,
            call_type,
            month,
            cast(sum(incident_count) as bigint) as incident_count,
            cast(sum(with_on_scene_count) as bigint) as with_on_scene_count,
            cast(sum(with_response_time_count) as bigint) as with_response_time_count,
            cast(sum(within_standard_count) as bigint) as within_standard_count,
            cast(
                sum(with_response_time_count) filter (within_standard_count is not null) as bigint
            ) as with_standard_count
        from (select *, {{ month_of("day") }} as month from {{ ref("response_times_daily") }})
        group by grouping sets ((area_code, call_type, month), (call_type, month))
    ),

    -- a priority may have a standard where its call type has none
    standards as (
        select area_code, call_type, month, {{ metric("within_standard_share") }} as within_standard_share
        from (select * replace(with_standard_count as with_response_time_count) from counts)
    )

select
    area_code,
    call_type,
    month,
    incident_count,
    with_on_scene_count,
    {{ metric("valid_share") }} as valid_share,
    with_response_time_count,
    median_response_minutes,
    p90_response_minutes,
    within_standard_count,
    with_standard_count,
    within_standard_share
from counts
inner join medians using (area_code, call_type, month)
inner join standards using (area_code, call_type, month)
