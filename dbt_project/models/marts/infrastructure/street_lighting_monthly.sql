with
    months as (
        select
            area_code,
            {{ month_of("night") }} as month,
            count(distinct(feed, datastream_id)) as lamp_count,
            cast(sum(expected_minutes) as bigint) as expected_minutes,
            cast(sum(observed_minutes) as bigint) as observed_minutes,
            cast(sum(outage_minutes) as bigint) as outage_minutes,
            count(*) filter (is_first_night) as outage_count,
            count(*) filter (is_first_night and first_noticed_by = 'sensor') as sensor_first_count,
            count(*) filter (is_first_night and first_noticed_by = 'resident') as resident_first_count,
            count(*) filter (is_first_night and first_noticed_by = 'nobody') as nobody_count
        from {{ ref("street_light_outages") }}
        group by all
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
