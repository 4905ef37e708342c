{{ config(meta={"parts": {"by": ["hour"], "of": {"int_feed_hours": ["hour"]}}}) }}

select
    hours.feed,
    streams.datastream_id,
    hours.hour,
    hours.day,
    streams.department,
    streams.lamp_post_id,
    streams.property_code,
    {{ placed("coalesce(streams.given_area_code, located.area_code)") }} as area_code,
    streams.latitude,
    streams.longitude,
    hours.judged_at,
    case
        when hours.hour > streams.first_at and hours.judged_at = hours.hour + interval 1 hour
        then {{ readings_an_hour("interval_minutes") }}
    end as expected_n
from {{ ref("int_feed_hours") }} as hours
inner join
    {{ ref("int_datastreams") }} as streams
    on streams.feed = hours.feed
    and hours.hour >= date_trunc('hour', streams.first_at)
    and coalesce(hours.hour < streams.ended_at, true)
inner join {{ ref("sensor_properties") }} using (property_code)
left join
    {{ ref("int_datastreams_located") }} as located
    on located.feed = streams.feed
    and located.datastream_id = streams.datastream_id
    and {{ holds_on("located", "hours.day") }}
