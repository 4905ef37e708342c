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
    readings as (
        select
            feed,
            datastream_id,
            hour,
            unit_code,
            count(*) as n,
            {{ metric("mean_reading", of="result") }} as mean_result,
            {{ metric("p95_reading", of="result") }} as p95_result,
            min(result) as min_result,
            max(result) as max_result
        from {{ ref("int_readings_judged") }}
        where not is_set_aside
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
    hours.expected_n,
    readings.mean_result,
    readings.p95_result,
    readings.min_result,
    readings.max_result
from {{ ref("int_datastream_hours") }} as hours
left join readings using (feed, datastream_id, hour)
