with
    departments as (
        select department, {{ local_date("min(fetched_at)") }} as first_date
        from {{ source("ops", "delivery") }}
        semi join {{ source("ops", "feed") }} using (feed)
        group by all
    ),

    measured as (
        select distinct {{ department_of("feed") }} as department, dimension
        from {{ ref("int_deliveries_measured") }}
        where checked > 0
    )

select department, dimension, first_date
from departments
cross join (select unnest(['complete', 'unique', 'consistent', 'valid', 'accurate']) as dimension)
anti join measured using (department, dimension)
