-- where several feeds describe an area, the one that was loaded last is believed
with
    described as (
        select *
        from {{ ref("stg_area") }}
        qualify row_number() over (partition by area_code order by _loaded_at desc, feed) = 1
    )

select
    listed.area_code,
    coalesce(described.area_name, listed.area_code) as area_name,
    described.area_name_zh,
    described.geometry
from {{ source("ops", "area_code") }} as listed
left join described using (area_code)
