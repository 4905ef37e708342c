with
    points as (
        select latitude, longitude
        from {{ ref("stg_inspection") }}
        where area_code is null and latitude is not null and longitude is not null
        union
        select latitude, longitude
        from {{ ref("stg_lamp_post") }}
        where area_code is null
        union
        select latitude, longitude
        from {{ ref("int_datastreams") }}
        where given_area_code is null and latitude is not null
    ),

    enclosed as (
        select points.latitude, points.longitude, edges.area_code, edges.valid_from, edges.valid_to
        from points
        inner join {{ ref("int_area_edges") }} as edges on {{ crosses_to_the_east("points", "edges") }}
        group by all
        having count(*) % 2 = 1
    ),

    -- the times between two changes of any border: in each of them a point lies in one area
    changes as (select distinct valid_from from {{ ref("int_area_boundaries") }}),

    times as (
        select valid_from, lead(valid_from) over (order by valid_from nulls first) as valid_to from changes
    )

select
    enclosed.latitude,
    enclosed.longitude,
    times.valid_from,
    times.valid_to,
    -- areas overlap along simplified borders; each point is counted in one of them
    min(enclosed.area_code) as area_code
from enclosed
inner join times on {{ holds_on("enclosed", "coalesce(times.valid_from, date '0001-01-01')") }}
group by all
