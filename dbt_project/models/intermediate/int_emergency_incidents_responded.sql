{{ config(meta={"parts": {"by": ["feed", "call_id"], "of": {"stg_emergency_call": ["feed", "call_id"]}}}) }}

-- sources send one row a unit; people wait for the first one
with {{ responses_judged() }}

select
    feed,
    call_id,
    {{ department_of("feed") }} as department,
    arg_min(call_type, (received_at, unit_id)) as call_type,
    min(priority) as priority,
    {{ placed("arg_min(area_code, (received_at, unit_id))") }} as area_code,
    min(received_at) as received_at,
    {{ local_date("min(received_at)") }} as received_date,
    min(dispatched_at) as first_dispatched_at,
    min(on_scene_at) as first_on_scene_at,
    count(*) as unit_count,
    any_value({{ minutes_between("received_at", "on_scene_at") }}) filter (
        {{ counts_in("median_response_minutes") }}
    ) as response_minutes
from judged
group by all
