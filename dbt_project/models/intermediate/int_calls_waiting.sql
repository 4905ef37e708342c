-- after a day without any unit the record is rather incomplete than the call unanswered
with
    incidents as (
        select
            feed,
            call_id,
            arg_min(call_type, (received_at, unit_id)) as call_type,
            min(priority) as priority,
            {{ placed("arg_min(area_code, (received_at, unit_id))") }} as area_code,
            min(received_at) as received_at,
            arg_max(_delivery_id, _loaded_at) as delivery_id
        from {{ ref("stg_emergency_call") }}
        where received_at > {{ as_of() }} - interval 24 hour and received_at <= {{ as_of() }}
        group by all
        having max(on_scene_at) is null and not bool_and(cleared_at is not null)
    ),

    -- a standard of the priority comes before that of all priorities
    timed as (
        select
            incidents.*, arg_min(standards.standard_minutes, standards.priority is null) as standard_minutes
        from incidents
        left join
            {{ ref("response_standards") }} as standards
            on standards.call_type = incidents.call_type
            and coalesce(standards.priority = incidents.priority, standards.priority is null)
        group by all
    )

select
    *,
    received_at + to_seconds(60 * standard_minutes) as late_at,
    {{ minutes_between("received_at", as_of()) }} as waiting_minutes
from timed
