with
    -- what was said of a sensor when its feed was last read, unless that is too long ago to say anything of
    -- now
    health as (
        select
            feed,
            datastream_id,
            day,
            department,
            lamp_post_id,
            property_code,
            area_code,
            judged_at,
            heard_at,
            case
                when coalesce({{ as_of() }} - judged_at > {{ patience("interval_minutes") }}, true)
                then 'unknown'
                else state
            end as state
        from {{ ref("sensor_health_hourly") }}
        inner join {{ ref("sensor_properties") }} using (property_code)
        qualify row_number() over (partition by feed, datastream_id order by judged_at is null, hour desc) = 1
    ),

    readings as (
        select
            feed,
            datastream_id,
            arg_max({'result':result, 'unit_code':unit_code}, (heard_at, phenomenon_at)) as newest
        from {{ ref("int_readings_judged") }}
        where not is_set_aside
        group by all
    )

select
    health.feed,
    health.datastream_id,
    health.department,
    health.lamp_post_id,
    health.property_code,
    health.area_code,
    streams.latitude,
    streams.longitude,
    health.state,
    health.heard_at,
    health.judged_at,
    case when health.state = 'ok' then newest.result end as result,
    case when health.state = 'ok' then newest.unit_code end as unit_code
from health
inner join {{ ref("int_datastreams") }} as streams using (feed, datastream_id)
left join readings using (feed, datastream_id)
where streams.ended_at is null
