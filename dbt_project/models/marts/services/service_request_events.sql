select
    feed,
    request_id,
    {{ department_of("feed") }} as department,
    event_number,
    event,
    from_state,
    to_state,
    happened_at,
    happened_date,
    is_time_of_loading,
    delivery_id,
    loaded_at
from {{ ref("int_service_requests_changed") }}
