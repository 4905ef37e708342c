-- a service is renamed now and then; its newest name is the one people know
select
    {{ department_of("feed") }} as department,
    service_code,
    arg_max(coalesce(service_name, service_code), (requested_at, feed, request_id)) as service_name
from {{ ref("stg_service_request") }}
group by all
