-- made by `make fix` from contracts/kinds/transit_stop.py: change it there
select
    _feed as feed,
    stop_id,
    stop_code,
    stop_name,
    stop_desc,
    location_type,
    parent_station,
    platform_code,
    zone_id,
    wheelchair_boarding,
    stop_url,
    area_code,
    latitude,
    longitude,
    _delivery_id,
    _extra,
    _loaded_at
from {{ current_rows("records", "transit_stop", key=["stop_id"]) }}
