-- made by `civiclake generate` from contracts/kinds/lamp_post.py: change it there
select
    lamp_post_id,
    name,
    lamp_kind,
    height_metres,
    installed_date,
    is_base_station,
    area_code,
    latitude,
    longitude,
    _feed,
    _delivery_id,
    _extra,
    _loaded_at
from {{ current_rows("records", "lamp_post", key=["lamp_post_id"]) }}
