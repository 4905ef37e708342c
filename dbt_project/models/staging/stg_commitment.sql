-- made by `make fix` from contracts/kinds/commitment.py: change it there
{{
    config(
        materialized="table",
        meta={
            "parts": {
                "by": ["feed", "commitment_id"],
                "of": {"commitment": ["_feed", "commitment_id"]},
            }
        },
    )
}}

select
    _feed as feed,
    commitment_id,
    award_id,
    budget_line_id,
    title,
    status,
    signed_date,
    start_date,
    end_date,
    amount_cents,
    supplier_name,
    supplier_kind,
    updated_at,
    _delivery_id,
    _extra,
    _loaded_at
from {{ current_rows("records", "commitment", key=["commitment_id"], stamp="updated_at") }}
