-- the newest count of residents that the month could know, or else the earliest there is
with
    months as (select distinct month from {{ ref("int_dates") }}),

    chosen as (
        select
            area_code,
            months.month,
            arg_max(
                {'year':counts.year, 'population':counts.population},
                case when counts.year <= year(months.month) then counts.year else - counts.year end
            ) as newest
        from {{ ref("int_area_populations") }} as counts
        cross join months
        group by all
    )

select
    area_code,
    month,
    newest.population as population,
    newest.year as population_year,
    newest.year <> year(month) as population_is_estimated
from chosen
