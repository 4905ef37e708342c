with
    incidents as (
        select
            'emergency_call' as kind,
            feed,
            call_id as incident_id,
            call_type as category,
            area_code,
            received_at as happened_at,
            received_date as happened_date,
            true as has_time
        from {{ ref("int_emergency_incidents_responded") }}
        union all
        select
            'incident',
            feed,
            incident_id,
            category,
            {{ placed("area_code") }},
            occurred_at,
            {{ local_date("occurred_at") }},
            not {{ is_date_only("occurred_at") }}
        from {{ ref("stg_incident") }}
    )

select
    kind,
    feed,
    incident_id,
    {{ department_of("feed") }} as department,
    category,
    area_code,
    happened_at,
    happened_date,
    has_time,
    first_seen_at,
    last_seen_at,
    version_count,
    is_on_board
from incidents
inner join {{ ref("int_incidents_seen") }} using (kind, feed, incident_id)
