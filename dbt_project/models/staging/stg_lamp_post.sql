-- made by `make fix` from contracts/kinds/lamp_post.py: change it there
select
    _feed as feed,
    lamp_post_id,
    name,
    lamp_kind,
    height_metres,
    installed_date,
    is_base_station,
    area_code,
    latitude,
    longitude,
    _delivery_id,
    _extra,
    _loaded_at
from {{ current_rows("records", "lamp_post", key=["lamp_post_id"]) }}
