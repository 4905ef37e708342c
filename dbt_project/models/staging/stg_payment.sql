-- made by `make fix` from contracts/kinds/payment.py: change it there
{{
    config(
        materialized="table",
        meta={
            "parts": {
                "by": ["feed", "payment_id"],
                "of": {"payment": ["_feed", "payment_id"]},
            }
        },
    )
}}

select
    _feed as feed,
    payment_id,
    budget_line_id,
    commitment_id,
    paid_date,
    payee_name,
    payee_kind,
    amount_cents,
    area_code,
    memo,
    updated_at,
    _delivery_id,
    _extra,
    _loaded_at
from {{ current_rows("records", "payment", key=["payment_id"], stamp="updated_at") }}
