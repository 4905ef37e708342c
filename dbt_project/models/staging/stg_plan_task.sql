-- made by `make fix` from contracts/kinds/plan_task.py: change it there
select
    _feed as feed,
    task_id,
    measure_id,
    goal,
    task_name,
    is_milestone,
    department_code,
    owner_role,
    status,
    due_date,
    done_date,
    updated_at,
    _delivery_id,
    _extra,
    _loaded_at
from {{ current_rows("records", "plan_task", key=["task_id"], stamp="updated_at") }}
