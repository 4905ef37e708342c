with
    hours as (
        select
            *,
            unnest(
                generate_series(
                    date_trunc('hour', first_at),
                    least({{ as_of() }}, coalesce(ended_at, {{ as_of() }})) - interval 1 microsecond,
                    interval 1 hour
                )
            ) as hour
        from {{ ref("int_datastreams") }}
    ),

    dated as (select *, {{ local_date("hour") }} as day from hours)

select
    hours.feed,
    hours.datastream_id,
    hours.hour,
    hours.day,
    hours.department,
    hours.lamp_post_id,
    hours.property_code,
    {{ placed("coalesce(hours.given_area_code, located.area_code)") }} as area_code,
    hours.latitude,
    hours.longitude,
    -- of what the feed had to tell after it was last read nothing is known
    case
        when read_until > hours.hour then least(hours.hour + interval 1 hour, read_until, {{ as_of() }})
    end as judged_at,
    case
        when hours.hour > first_at and least(read_until, {{ as_of() }}) >= hours.hour + interval 1 hour
        then {{ readings_an_hour("interval_minutes") }}
    end as expected_n
from dated as hours
inner join {{ ref("sensor_properties") }} using (property_code)
left join
    {{ ref("int_points_located") }} as located
    on located.latitude = hours.latitude
    and located.longitude = hours.longitude
    and {{ holds_on("located", "hours.day") }}
