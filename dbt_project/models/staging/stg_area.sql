-- made by `civiclake generate` from contracts/kinds/area.py: change it there
select area_code, area_name, area_name_zh, geometry, _feed, _delivery_id, _extra, _loaded_at
from {{ current_rows("records", "area", key=["area_code"]) }}
