-- made by `make fix` from contracts/kinds/permit.py: change it there
{{
    config(
        materialized="table",
        meta={
            "parts": {
                "by": ["feed", "permit_id"],
                "of": {"permit": ["_feed", "permit_id"]},
            }
        },
    )
}}

select
    _feed as feed,
    permit_id,
    permit_type,
    status,
    applied_date,
    issued_date,
    completed_date,
    estimated_cost_cents,
    applicant_name,
    area_code,
    latitude,
    longitude,
    updated_at,
    _delivery_id,
    _extra,
    _loaded_at
from {{ current_rows("records", "permit", key=["permit_id"], stamp="updated_at") }}
