-- made by `make fix` from contracts/kinds/population.py: change it there
select _feed as feed, area_code, year, age_group, sex_group, population, _delivery_id, _extra, _loaded_at
from {{ current_rows("records", "population", key=["area_code", "year", "age_group", "sex_group"]) }}
