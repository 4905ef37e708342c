with
    properties as (
        select distinct property_code, covered_metres
        from {{ ref("int_datastreams") }}
        inner join {{ ref("sensor_properties") }} using (property_code)
        where covered_metres is not null
    ),

    stations as (
        select
            area_code,
            property_code,
            department,
            lamp_post_id,
            latitude,
            longitude,
            bool_or(state = 'ok') as is_working,
            bool_and(state = 'unknown') as is_unknown
        from {{ ref("sensor_readings_current") }}
        group by all
    ),

    counted as (
        select
            area_code,
            property_code,
            count(*) as station_count,
            count(*) filter (is_working) as working_station_count,
            count(*) filter (is_unknown) as unknown_station_count
        from stations
        group by all
    ),

    points as (select * from {{ ref("int_area_grid_points") }} cross join properties),

    covered as (
        select distinct points.area_code, points.property_code, points.latitude, points.longitude
        from points
        inner join
            stations
            on stations.property_code = points.property_code
            and stations.is_working
            and {{
                metres_between(
                    "points.latitude", "points.longitude", "stations.latitude", "stations.longitude"
                )
            }} <= points.covered_metres
    ),

    land as (
        select
            area_code, property_code, count(*) as point_count, count(covered.latitude) as covered_point_count
        from points
        left join covered using (area_code, property_code, latitude, longitude)
        group by all
    ),

    -- an area that no sensor sees is a row too
    places as (
        select area_code, area_name, property_code
        from {{ ref("int_areas") }}
        cross join properties
        union all
        select area_code, null, property_code
        from counted
        semi join properties using (property_code)
        where area_code = 'unplaced'
    )

select
    places.area_code,
    places.property_code,
    places.area_name,
    coalesce(counted.station_count, 0) as station_count,
    coalesce(counted.working_station_count, 0) as working_station_count,
    coalesce(counted.unknown_station_count, 0) as unknown_station_count,
    land.point_count,
    land.covered_point_count,
    {{ metric("covered_share") }} as covered_share
from places
left join counted using (area_code, property_code)
left join land using (area_code, property_code)
