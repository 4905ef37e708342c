select area_code, area_name, area_name_zh, geometry, valid_from
from {{ ref("int_area_boundaries") }}
where valid_to is null
