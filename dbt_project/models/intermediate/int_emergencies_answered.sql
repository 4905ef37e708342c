{{ config(meta={"about": "ops.emergency"}) }}

with
    periods as (
        select *, coalesce(stopped_at, {{ as_of() }}) as until_at from {{ source("ops", "emergency") }}
    ),

    calls as (
        select
            periods.emergency,
            min(received_at) as first_call_at,
            min(first_on_scene_at) as first_unit_at,
            count(*) as call_count,
            count(first_on_scene_at) as reached_call_count
        from periods
        inner join
            {{ ref("int_emergency_incidents_responded") }} as incidents
            on incidents.received_at >= periods.started_at
            and incidents.received_at <= periods.until_at
        group by all
    ),

    alerts as (
        select
            periods.emergency,
            min(alerts.raised_at) as first_alert_at,
            count(*) as alert_count,
            count(*) filter (alerts.closed_at <= periods.until_at) as closed_alert_count
        from periods
        inner join
            {{ source("ops", "alert") }} as alerts
            on alerts.raised_at >= periods.started_at
            and alerts.raised_at <= periods.until_at
        group by all
    ),

    requests as (
        select
            periods.emergency,
            count(*) filter (requests.requested_at >= periods.started_at) as opened_request_count,
            count(*) filter (
                requests.closed_at >= periods.started_at and requests.closed_at <= periods.until_at
            ) as closed_request_count
        from periods
        inner join
            {{ ref("int_service_requests_classified") }} as requests
            on requests.counting_class = 'counted'
            and requests.requested_at <= periods.until_at
            and (requests.requested_at >= periods.started_at or requests.closed_at >= periods.started_at)
        group by all
    ),

    services as (
        select
            emergency,
            count(*) as interrupted_service_count,
            count(*) filter (is_restored) as restored_service_count
        from {{ ref("emergency_interruptions") }}
        group by all
    )

select
    periods.emergency,
    periods.started_at,
    periods.stopped_at,
    periods.until_at,
    periods.note,
    periods.started_by,
    alerts.first_alert_at,
    calls.first_call_at,
    calls.first_unit_at,
    {{ minutes_between("periods.started_at", "periods.until_at") }} as duration_minutes,
    {{ minutes_between("periods.started_at", "alerts.first_alert_at") }} as first_alert_minutes,
    {{ minutes_between("calls.first_call_at", "calls.first_unit_at") }} as first_unit_minutes,
    coalesce(alerts.alert_count, 0) as alert_count,
    coalesce(alerts.closed_alert_count, 0) as closed_alert_count,
    coalesce(calls.call_count, 0) as call_count,
    coalesce(calls.reached_call_count, 0) as reached_call_count,
    coalesce(requests.opened_request_count, 0) as opened_request_count,
    coalesce(requests.closed_request_count, 0) as closed_request_count,
    coalesce(services.interrupted_service_count, 0) as interrupted_service_count,
    coalesce(services.restored_service_count, 0) as restored_service_count
from periods
left join calls using (emergency)
left join alerts using (emergency)
left join requests using (emergency)
left join services using (emergency)
