with
    polygons as (
        select
            area_code,
            valid_from,
            valid_to,
            unnest(
                case
                    geometry ->> '$.type'
                    when 'Polygon'
                    then [from_json(geometry -> '$.coordinates', '[[["DOUBLE"]]]')]
                    when 'MultiPolygon'
                    then from_json(geometry -> '$.coordinates', '[[[["DOUBLE"]]]]')
                end
            ) as rings
        from {{ ref("int_area_boundaries") }}
    ),

    rings as (select area_code, valid_from, valid_to, unnest(rings) as corners from polygons)

select
    area_code,
    valid_from,
    valid_to,
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
