-- made by `make fix` from contracts/kinds/emergency_call.py: change it there
{{
    config(
        materialized="table",
        meta={
            "parts": {
                "by": ["feed", "call_id", "unit_id"],
                "of": {"emergency_call": ["_feed", "call_id", "unit_id"]},
            }
        },
    )
}}

select
    _feed as feed,
    call_id,
    unit_id,
    received_at,
    dispatched_at,
    en_route_at,
    on_scene_at,
    cleared_at,
    updated_at,
    call_type,
    priority,
    area_code,
    latitude,
    longitude,
    caller_phone,
    _delivery_id,
    _extra,
    _loaded_at
from {{ current_rows("records", "emergency_call", key=["call_id", "unit_id"], stamp="updated_at") }}
