-- sources mix totals with their parts and districts with the whole city: adding all rows counts people
-- many times
select area_code, year, population
from {{ ref("stg_population") }}
inner join {{ ref("int_areas") }} using (area_code)
where age_group = 'total' and sex_group = 'all'
