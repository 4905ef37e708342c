select
    inspections.feed,
    inspections.inspection_id,
    {{ department_of("inspections.feed") }} as department,
    inspections.inspection_date,
    inspections.result,
    inspections.result = 'fail' as is_failed,
    inspections.establishment_id,
    {{ placed("coalesce(inspections.area_code, located.area_code)") }} as area_code,
    inspections.area_code is null and located.area_code is not null as is_area_from_point
from {{ ref("stg_inspection") }} as inspections
left join
    {{ ref("int_points_located") }} as located
    on located.latitude = inspections.latitude
    and located.longitude = inspections.longitude
    and {{ holds_on("located", "inspections.inspection_date") }}
