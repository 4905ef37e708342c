with
    nights as (
        select
            area_code,
            {{ month_of("night") }} as month,
            count(distinct(feed, datastream_id)) as lamp_count,
            cast(sum(expected_minutes) as bigint) as expected_minutes,
            cast(sum(observed_minutes) as bigint) as observed_minutes,
            cast(sum(outage_minutes) as bigint) as outage_minutes
        from {{ ref("street_light_outages") }}
        group by all
    ),

    -- the nights tell of one outage each
    outages as (
        select
            area_code,
            {{ month_of("first_night") }} as month,
            count(*) as outage_count,
            count(*) filter (first_noticed_by = 'sensor') as sensor_first_count,
            count(*) filter (first_noticed_by = 'resident') as resident_first_count,
            count(*) filter (first_noticed_by = 'nobody') as nobody_count
        from {{ ref("int_lamp_outages") }}
        group by all
    ),

    months as (
        select
            nights.*,
            coalesce(outage_count, 0) as outage_count,
            coalesce(sensor_first_count, 0) as sensor_first_count,
            coalesce(resident_first_count, 0) as resident_first_count,
            coalesce(nobody_count, 0) as nobody_count
        from nights
        left join outages using (area_code, month)
    )

select
    area_code,
    month,
    lamp_count,
    expected_minutes,
    observed_minutes,
    outage_minutes,
    {{ metric("lit_share") }} as lit_share,
    outage_count,
    sensor_first_count,
    resident_first_count,
    nobody_count,
    {{ metric("detected_before_complaint_share") }} as detected_before_complaint_share
from months
