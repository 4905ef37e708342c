-- made by `make fix` from contracts/kinds/inspection.py: change it there
{{
    config(
        materialized="table",
        meta={
            "parts": {
                "by": ["feed", "inspection_id"],
                "of": {"inspection": ["_feed", "inspection_id"]},
            }
        },
    )
}}

select
    _feed as feed,
    inspection_id,
    inspection_date,
    inspection_type,
    result,
    establishment_id,
    establishment_name,
    facility_type,
    risk,
    address,
    area_code,
    latitude,
    longitude,
    _delivery_id,
    _extra,
    _loaded_at
from {{ current_rows("records", "inspection", key=["inspection_id"]) }}
