-- a service is renamed now and then; the newest name told is the one people know
select
    {{ department_of("feed") }} as department,
    service_code,
    coalesce(arg_max(service_name, (requested_at, feed, request_id)), service_code) as service_name
from {{ ref("stg_service_request") }}
group by department, service_code
