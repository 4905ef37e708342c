{{
    config(
        meta={
            "parts": {
                "by": ["hour"],
                "of": {"int_datastream_hours": ["hour"], "int_readings_judged": ["hour"]},
            }
        }
    )
}}

with
    kept as (
        select *, case when {{ is_usable() }} then result end as usable_result
        from {{ ref("int_readings_judged") }}
        where not is_set_aside
    ),

    readings as (
        select
            feed,
            datastream_id,
            hour,
            unit_code,
            count(*) as n,
            count(usable_result) as usable_n,
            {{ metric("mean_reading", of="usable_result") }} as mean_result,
            {{ metric("p95_reading", of="usable_result") }} as p95_result,
            min(usable_result) as min_result,
            max(usable_result) as max_result
        from kept
        group by all
    )

select
    hours.feed,
    hours.datastream_id,
    hours.hour,
    readings.unit_code,
    hours.day,
    hours.department,
    hours.lamp_post_id,
    hours.property_code,
    hours.area_code,
    coalesce(readings.n, 0) as n,
    coalesce(readings.usable_n, 0) as usable_n,
    hours.expected_n,
    readings.mean_result,
    readings.p95_result,
    readings.min_result,
    readings.max_result
from {{ ref("int_datastream_hours") }} as hours
left join readings using (feed, datastream_id, hour)
