-- 24 by 24 points in the box around an area, those that lie inside it
with
    edges as (select * from {{ ref("int_area_edges") }} where valid_to is null),

    boxes as (
        select
            area_code,
            min(from_x) as west,
            min(from_y) as south,
            max(from_x) - min(from_x) as width,
            max(from_y) - min(from_y) as height
        from edges
        group by all
    ),

    points as (
        select
            area_code,
            {{ grid_step("south", "height", "steps_north") }} as latitude,
            {{ grid_step("west", "width", "steps_east") }} as longitude
        from boxes
        cross join range(24) as north(steps_north)
        cross join range(24) as east(steps_east)
    )

select points.area_code, points.latitude, points.longitude
from points
inner join edges on edges.area_code = points.area_code and {{ crosses_to_the_east("points", "edges") }}
group by all
having count(*) % 2 = 1
