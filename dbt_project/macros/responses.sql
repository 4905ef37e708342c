{#-
How each unit answered its call, and why its times cannot be used: the CTEs `timed` and `judged`, one row for each incident
and unit. A unit that was turned back on its way has no arrival to be missed, so that is asked first; a stamp that is missing
is the last reason, since the time from the call to the arrival needs only those two.
-#}
{% macro responses_judged() -%}
    timed as (
        select
            *,
            {{ local_date("received_at") }} as received_date,
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
                when
                    received_at > dispatched_at
                    or greatest(received_at, dispatched_at) > en_route_at
                    or greatest(received_at, dispatched_at, en_route_at) > on_scene_at
                    or on_scene_at > cleared_at
                then 'out_of_order'
                when on_scene_at > received_at + interval 2 hours
                then 'over_two_hours'
                when dispatched_at is null or en_route_at is null or on_scene_at is null
                then 'missing_stamp'
            end as invalid_rule
        from timed
    )
{%- endmacro %}
