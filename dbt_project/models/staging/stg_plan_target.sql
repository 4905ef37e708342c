-- made by `civiclake generate` from contracts/kinds/plan_target.py: change it there
select
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
    _feed,
    _delivery_id,
    _extra,
    _loaded_at
from {{ current_rows("records", "plan_target", key=["measure_id", "year", "quarter"]) }}
