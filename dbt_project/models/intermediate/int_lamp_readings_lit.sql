with
    readings as (
        select
            feed,
            datastream_id,
            phenomenon_at,
            standard_result >= properties.lit_from as is_lit,
            -- a reading speaks until the next one, but no longer than readings are apart
            least(
                lead(phenomenon_at) over (partition by feed, datastream_id order by phenomenon_at),
                phenomenon_at + to_minutes(properties.interval_minutes)
            ) as until_at
        from {{ ref("int_readings_judged") }}
        inner join {{ ref("int_datastreams") }} as streams using (feed, datastream_id)
        inner join {{ ref("sensor_properties") }} as properties using (property_code)
        where
            streams.property_code = 'power'
            and not is_set_aside
            and not is_clock_wrong
            and standard_result is not null
    )

select
    nights.feed,
    nights.datastream_id,
    nights.night,
    readings.phenomenon_at,
    results.result_at,
    readings.is_lit,
    {{
        minutes_within(
            "readings.phenomenon_at", "readings.until_at", "nights.lit_from_at", "nights.lit_to_at"
        )
    }} as minutes
from readings
-- the night that began last: the one before it has ended
asof join
    {{ ref("int_lamp_nights") }} as nights
    on nights.feed = readings.feed
    and nights.datastream_id = readings.datastream_id
    and nights.lit_from_at <= readings.phenomenon_at
inner join
    {{ ref("stg_observation") }} as results
    on results.feed = readings.feed
    and results.datastream_id = readings.datastream_id
    and results.phenomenon_at = readings.phenomenon_at
where readings.phenomenon_at < nights.lit_to_at
