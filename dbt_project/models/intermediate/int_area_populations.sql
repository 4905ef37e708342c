-- sources mix totals with their parts and districts with the whole city: adding all rows counts people
-- many times; where several feeds count the same people, the count that was loaded last is believed
select area_code, year, arg_max(population, (_loaded_at, feed)) as population
from {{ ref("stg_population") }}
inner join {{ ref("int_areas") }} using (area_code)
where age_group = 'total' and sex_group = 'all'
group by all
