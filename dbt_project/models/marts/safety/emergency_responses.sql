-- a unit that was turned back on its way has no arrival to be missed, so that is asked first
with
    timed as (
        select
            *,
            {{ seconds_between("received_at", "dispatched_at") }} as call_to_dispatch_seconds,
            {{ seconds_between("dispatched_at", "en_route_at") }} as turnout_seconds,
            {{ seconds_between("en_route_at", "on_scene_at") }} as travel_seconds,
            {{ seconds_between("received_at", "on_scene_at") }} as total_seconds,
            on_scene_at is not null
            and row_number() over (partition by feed, call_id order by on_scene_at nulls last, unit_id)
            = 1 as is_first_unit
        from {{ ref("stg_emergency_call") }}
    ),

    judged as (
        select
            *,
            case
                when on_scene_at is null and cleared_at is not null
                then 'cancelled_en_route'
                when dispatched_at is null or en_route_at is null or on_scene_at is null
                then 'missing_stamp'
                when
                    received_at > dispatched_at
                    or dispatched_at > en_route_at
                    or en_route_at > on_scene_at
                    or on_scene_at > cleared_at
                then 'out_of_order'
                when on_scene_at > received_at + interval 2 hours
                then 'over_two_hours'
            end as invalid_rule
        from timed
    )

select
    feed,
    call_id,
    unit_id,
    {{ department_of("feed") }} as department,
    call_type,
    priority,
    {{ placed("area_code") }} as area_code,
    received_at,
    {{ local_date("received_at") }} as received_date,
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
