-- made by `civiclake generate` from contracts/kinds/budget_line.py: change it there
select
    budget_line_id,
    fiscal_year,
    department_code,
    programme_code,
    programme_name,
    approved_cents,
    revised_cents,
    updated_at,
    _feed,
    _delivery_id,
    _extra,
    _loaded_at
from {{ current_rows("records", "budget_line", key=["budget_line_id"], stamp="updated_at") }}
