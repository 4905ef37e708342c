-- made by `civiclake generate` from contracts/kinds/plan_measure.py: change it there
select measure_id, period_date, value, reported_date, _feed, _delivery_id, _extra, _loaded_at
from {{ current_rows("records", "plan_measure", key=["measure_id", "period_date"], stamp="reported_date") }}
