-- made by `make fix` from contracts/kinds/service_request.py: change it there
{{
    config(
        materialized="table",
        meta={
            "parts": {
                "by": ["feed", "request_id"],
                "of": {"service_request": ["_feed", "request_id"]},
            }
        },
    )
}}

select
    _feed as feed,
    request_id,
    requested_at,
    updated_at,
    expected_at,
    answered_at,
    closed_at,
    status,
    service_code,
    service_name,
    description,
    channel,
    responsible,
    outcome_code,
    outcome,
    is_duplicate,
    parent_request_id,
    area_code,
    latitude,
    longitude,
    requester_phone,
    _delivery_id,
    _extra,
    _loaded_at
from {{ current_rows("records", "service_request", key=["request_id"], stamp="updated_at") }}
