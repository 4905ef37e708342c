select
    listed.area_code,
    coalesce(described.area_name, listed.area_code) as area_name,
    described.area_name_zh,
    described.geometry
from {{ source("ops", "area_code") }} as listed
left join {{ ref("stg_area") }} as described using (area_code)
