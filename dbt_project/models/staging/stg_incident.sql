-- made by `make fix` from contracts/kinds/incident.py: change it there
{{
    config(
        materialized="table",
        meta={
            "parts": {
                "by": ["feed", "incident_id"],
                "of": {"incident": ["_feed", "incident_id"]},
            }
        },
    )
}}

select
    _feed as feed,
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
    _delivery_id,
    _extra,
    _loaded_at
from {{ current_rows("records", "incident", key=["incident_id"], stamp="updated_at") }}
