-- made by `make fix` from contracts/kinds/area.py: change it there
select _feed as feed, area_code, area_name, area_name_zh, geometry, _delivery_id, _extra, _loaded_at
from {{ current_rows("records", "area", key=["area_code"]) }}
