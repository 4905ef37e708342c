with
    lamps as (
        select *, least(read_until, {{ as_of() }}, coalesce(ended_at, {{ as_of() }})) as known_until
        from {{ ref("int_datastreams") }}
        left join {{ ref("int_feeds_read") }} using (feed)
        where property_code = 'power' and latitude is not null
    ),

    -- the night of a day is the one that begins on it
    days as (
        select
            lamps.*,
            cast(
                unnest(
                    generate_series(
                        {{ local_date("first_at") }} - 1, {{ local_date("known_until") }}, interval 1 day
                    )
                ) as date
            ) as night
        from lamps
    ),

    seasons as (
        select *, {{ solar_season("night") }} as evening, {{ solar_season("(night + 1)") }} as morning
        from days
    ),

    suns as (
        select
            *,
            {{
                after_noon(
                    "night",
                    "longitude",
                    sundial_minutes("evening"),
                    half_day_minutes("latitude", declination("evening")),
                )
            }} as sunset_at,
            {{
                after_noon(
                    "(night + 1)",
                    "longitude",
                    sundial_minutes("morning"),
                    "-" ~ half_day_minutes("latitude", declination("morning")),
                )
            }} as sunrise_at
        from seasons
    )

select
    suns.feed,
    suns.datastream_id,
    suns.night,
    suns.department,
    suns.lamp_post_id,
    {{ placed("coalesce(suns.given_area_code, located.area_code)") }} as area_code,
    suns.latitude,
    suns.longitude,
    sunset_at,
    sunrise_at,
    sunset_at + {{ switching_time() }} as lit_from_at,
    least(sunrise_at - {{ switching_time() }}, known_until) as lit_to_at
from suns
left join
    {{ ref("int_points_located") }} as located
    on located.latitude = suns.latitude
    and located.longitude = suns.longitude
    and {{ holds_on("located", "suns.night") }}
-- nothing is known of the nights before a lamp's first reading and of those that nobody read yet
where first_at < sunrise_at and sunset_at + {{ switching_time() }} < known_until
