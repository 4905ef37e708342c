{{ config(meta={"about": "ops.emergency"}) }}

-- everything that is counted by the minute while an emergency goes on
with
    periods as (
        select
            date_trunc('minute', started_at) as since_at,
            date_trunc('minute', coalesce(stopped_at, {{ as_of() }})) + interval 1 minute as before_at
        from {{ source("ops", "emergency") }}
    ),

    moments as (
        select 'alert_raised' as what, raised_at as moment
        from {{ source("ops", "alert") }}
        union all
        select 'alert_closed', closed_at
        from {{ source("ops", "alert") }}
        union all
        select 'call_received', received_at
        from {{ ref("int_emergency_incidents_responded") }}
        union all
        select 'unit_arrived', first_on_scene_at
        from {{ ref("int_emergency_incidents_responded") }}
        union all
        select 'request_opened', requested_at
        from {{ ref("int_service_requests_classified") }}
        where counting_class = 'counted'
        union all
        select 'request_closed', closed_at
        from {{ ref("int_service_requests_classified") }}
        where counting_class = 'counted'
        union all
        -- an interruption that two emergencies saw is one
        select 'service_stopped', stopped_at
        from (select distinct kind, feed, subject, stopped_at from {{ ref("emergency_interruptions") }})
        union all
        select 'service_restored', restored_at
        from (select distinct kind, feed, subject, restored_at from {{ ref("emergency_interruptions") }})
    )

select what, moment
from moments
semi join periods on moment >= periods.since_at and moment < periods.before_at
