with
    -- the newest of each is found by few columns first: to put all rows in order takes longer
    newest_hours as (
        select feed, datastream_id, coalesce(max(hour) filter (judged_at is not null), max(hour)) as hour
        from {{ ref("sensor_health_hourly") }}
        group by all
    ),

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
        semi join newest_hours using (feed, datastream_id, hour)
        inner join {{ ref("sensor_properties") }} using (property_code)
    ),

    newest_readings as (
        select feed, datastream_id, max(heard_at) as heard_at
        from {{ ref("int_readings_judged") }}
        where not is_set_aside
        group by all
    ),

    readings as (
        select
            feed,
            datastream_id,
            arg_max({'result':result, 'unit_code':unit_code}, (heard_at, phenomenon_at)) as newest
        from {{ ref("int_readings_judged") }}
        semi join newest_readings using (feed, datastream_id, heard_at)
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
