-- made by `make fix` from contracts/kinds/plan_target.py: change it there
select
    _feed as feed,
    measure_id,
    year,
    quarter,
    goal,
    measure_name,
    department_code,
    unit_code,
    direction,
    baseline,
    target,
    accrual,
    owner_role,
    metric_id,
    budget_line_id,
    adopted_date,
    reason,
    _delivery_id,
    _extra,
    _loaded_at
from {{ current_rows("records", "plan_target", key=["measure_id", "year", "quarter"]) }}
