-- made by `make fix` from contracts/kinds/budget_line.py: change it there
select
    _feed as feed,
    budget_line_id,
    fiscal_year,
    department_code,
    programme_code,
    programme_name,
    approved_cents,
    revised_cents,
    updated_at,
    _delivery_id,
    _extra,
    _loaded_at
from {{ current_rows("records", "budget_line", key=["budget_line_id"], stamp="updated_at") }}
