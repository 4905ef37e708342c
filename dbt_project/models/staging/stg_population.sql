-- made by `civiclake generate` from contracts/kinds/population.py: change it there
select area_code, year, age_group, sex_group, population, _feed, _delivery_id, _extra, _loaded_at
from {{ current_rows("records", "population", key=["area_code", "year", "age_group", "sex_group"]) }}
