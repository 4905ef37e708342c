-- made by `civiclake generate` from contracts/kinds/incident.py: change it there
select
    incident_id,
    case_number,
    occurred_at,
    reported_at,
    updated_at,
    category_code,
    category,
    description,
    location_kind,
    block,
    is_arrest,
    is_domestic,
    area_code,
    latitude,
    longitude,
    _feed,
    _delivery_id,
    _extra,
    _loaded_at
from {{ current_rows("records", "incident", key=["incident_id"], stamp="updated_at") }}
