{{ config(meta={"parts": {"by": ["hour"], "of": {"int_readings_judged": ["hour"]}}}) }}

with
    hourly as (
        select
            feed,
            datastream_id,
            property_code,
            hour,
            {{ metric("mean_reading", of="standard_result") }} as mean_result
        from {{ ref("int_readings_judged") }}
        inner join
            (
                select distinct feed, datastream_id, property_code from {{ ref("int_neighbours_found") }}
            ) as known using (feed, datastream_id)
        where {{ is_usable() }} and standard_result is not null
        group by all
    ),

    compared as (
        select
            own.feed,
            own.datastream_id,
            own.property_code,
            own.hour,
            own.mean_result,
            count(*) as neighbour_n,
            {{ metric("neighbours_median", of="other.mean_result") }} as neighbours_median,
            {{ metric("neighbours_deviation", of="other.mean_result") }} as neighbours_deviation
        from hourly as own
        inner join {{ ref("int_neighbours_found") }} as neighbours using (feed, datastream_id)
        inner join
            hourly as other
            on other.feed = neighbours.other_feed
            and other.datastream_id = neighbours.other_datastream_id
            and other.hour = own.hour
        group by all
    )

select
    compared.feed,
    compared.datastream_id,
    compared.hour,
    compared.mean_result,
    compared.neighbour_n,
    compared.neighbours_median,
    compared.neighbours_deviation,
    abs(compared.mean_result - compared.neighbours_median)
    > properties.drift_factor
    * greatest(compared.neighbours_deviation, properties.smallest_spread) as is_apart
from compared
inner join {{ ref("sensor_properties") }} as properties using (property_code)
