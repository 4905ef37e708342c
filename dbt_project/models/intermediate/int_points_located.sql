-- A point lies in an area when a ray from it towards the east crosses the area's borders an odd number
-- of times. Counting over all rings at once treats holes and scattered parts alike. An edge owns its
-- lower end only, so that a ray through a corner crosses once.
with
    polygons as (
        select
            area_code,
            unnest(
                case
                    geometry ->> '$.type'
                    when 'Polygon'
                    then [from_json(geometry -> '$.coordinates', '[[["DOUBLE"]]]')]
                    when 'MultiPolygon'
                    then from_json(geometry -> '$.coordinates', '[[[["DOUBLE"]]]]')
                end
            ) as rings
        from {{ ref("int_areas") }}
    ),

    rings as (select area_code, unnest(rings) as corners from polygons),

    edges as (
        select
            area_code,
            unnest(
                list_transform(
                    range(1, len(corners)),
                    lambda i: {
                        'from_x':corners[i][1],
                        'from_y':corners[i][2],
                        'to_x':corners[i + 1][1],
                        'to_y':corners[i + 1][2]
                    }
                ),
                recursive := true
            )
        from rings
    ),

    points as (
        select latitude, longitude
        from {{ ref("stg_inspection") }}
        where area_code is null and latitude is not null and longitude is not null
        union
        select latitude, longitude
        from {{ ref("stg_lamp_post") }}
        where area_code is null
    ),

    enclosed as (
        select points.latitude, points.longitude, edges.area_code
        from points
        inner join
            edges
            on points.latitude >= least(edges.from_y, edges.to_y)
            and points.latitude < greatest(edges.from_y, edges.to_y)
        where
            points.longitude
            < edges.from_x
            + (points.latitude - edges.from_y) * (edges.to_x - edges.from_x) / (edges.to_y - edges.from_y)
        group by all
        having count(*) % 2 = 1
    )

-- simplified borders may overlap by a few metres
select latitude, longitude, min(area_code) as area_code
from enclosed
group by all
