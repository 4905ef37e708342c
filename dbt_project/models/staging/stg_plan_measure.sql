-- made by `make fix` from contracts/kinds/plan_measure.py: change it there
select _feed as feed, measure_id, period_date, value, reported_date, _delivery_id, _extra, _loaded_at
from {{ current_rows("records", "plan_measure", key=["measure_id", "period_date"], stamp="reported_date") }}
