with
    observed as (
        select
            feed,
            datastream_id,
            night,
            cast(round(sum(minutes)) as bigint) as observed_minutes,
            cast(round(coalesce(sum(minutes) filter (not is_lit), 0)) as bigint) as outage_minutes
        from {{ ref("int_lamp_readings_lit") }}
        group by all
    ),

    -- of several outages in a night the first is told of
    outages as (
        select nights.feed, nights.datastream_id, nights.night, outages.* exclude (feed, datastream_id)
        from {{ ref("int_lamp_nights") }} as nights
        inner join
            {{ ref("int_lamp_outages") }} as outages
            on outages.feed = nights.feed
            and outages.datastream_id = nights.datastream_id
            and nights.night between outages.first_night and outages.last_night
        qualify
            row_number() over (
                partition by nights.feed, nights.datastream_id, nights.night order by outages.started_at
            )
            = 1
    )

select
    nights.feed,
    nights.datastream_id,
    nights.night,
    nights.department,
    nights.lamp_post_id,
    nights.area_code,
    nights.sunset_at,
    nights.sunrise_at,
    cast(
        round(
            {{
                minutes_within(
                    "nights.lit_from_at", "nights.lit_to_at", "nights.lit_from_at", "nights.lit_to_at"
                )
            }}
        ) as bigint
    ) as expected_minutes,
    coalesce(observed.observed_minutes, 0) as observed_minutes,
    observed.outage_minutes,
    outages.started_at as outage_started_at,
    outages.ended_at as outage_ended_at,
    outages.first_night = nights.night as is_first_night,
    outages.first_noticed_by,
    outages.told_at,
    outages.requested_at,
    outages.request_feed,
    outages.request_id
from {{ ref("int_lamp_nights") }} as nights
left join observed using (feed, datastream_id, night)
left join outages using (feed, datastream_id, night)
