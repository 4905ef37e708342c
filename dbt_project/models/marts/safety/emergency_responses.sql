with {{ responses_judged() }}

select
    feed,
    call_id,
    unit_id,
    {{ department_of("feed") }} as department,
    call_type,
    priority,
    {{ placed("area_code") }} as area_code,
    received_at,
    received_date,
    dispatched_at,
    en_route_at,
    on_scene_at,
    cleared_at,
    call_to_dispatch_seconds,
    turnout_seconds,
    travel_seconds,
    total_seconds,
    is_first_unit,
    invalid_rule is null as is_valid,
    invalid_rule
from judged
