-- made by `civiclake generate` from contracts/kinds/payment.py: change it there
select
    payment_id,
    budget_line_id,
    paid_date,
    payee_name,
    payee_kind,
    amount_cents,
    area_code,
    memo,
    updated_at,
    _feed,
    _delivery_id,
    _extra,
    _loaded_at
from {{ current_rows("records", "payment", key=["payment_id"], stamp="updated_at") }}
