{{ config(meta={"about": "ops.emergency"}) }}

{%- set counted = [
    "alert_raised",
    "alert_closed",
    "call_received",
    "unit_arrived",
    "request_opened",
    "request_closed",
    "service_stopped",
    "service_restored",
] -%}
with
    minutes as (
        select
            emergency,
            unnest(
                generate_series(
                    date_trunc('minute', started_at),
                    date_trunc('minute', coalesce(stopped_at, {{ as_of() }})),
                    interval 1 minute
                )
            ) as minute_at
        from {{ source("ops", "emergency") }}
    ),

    counts as (
        select
            date_trunc('minute', moment) as minute_at,
            {% for what in counted -%}
                count(*) filter (what = '{{ what }}') as {{ what }}_count {%- if not loop.last %}, {% endif %}
            {% endfor %}
        from {{ ref("int_emergency_moments") }}
        where moment is not null
        group by all
    ),

    standing as (
        select minutes.emergency, minutes.minute_at, count(*) as alert_standing_count
        from minutes
        inner join
            {{ source("ops", "alert") }} as alerts
            on alerts.raised_at < minutes.minute_at + interval 1 minute
            and coalesce(alerts.closed_at >= minutes.minute_at + interval 1 minute, true)
        group by all
    ),

    sensors as (
        select
            hour,
            count(*) filter (state = 'ok') as sensor_ok_count,
            count(*) filter (state = 'unknown') as sensor_unknown_count,
            count(*) filter (state not in ('ok', 'unknown')) as sensor_faulty_count
        from {{ ref("sensor_health_hourly") }}
        semi join (select date_trunc('hour', minute_at) as hour from minutes) using (hour)
        group by all
    ),

    actions as (
        select
            emergency,
            date_trunc('minute', happened_at) as minute_at,
            count(*) as action_count,
            string_agg(distinct action, ', ' order by action) as actions
        from {{ source("ops", "emergency_action") }}
        group by all
    )

select
    minutes.emergency,
    minutes.minute_at,
    {% for what in counted %} coalesce(counts.{{ what }}_count, 0) as {{ what }}_count, {% endfor %}
    coalesce(standing.alert_standing_count, 0) as alert_standing_count,
    sensors.sensor_ok_count,
    sensors.sensor_faulty_count,
    sensors.sensor_unknown_count,
    coalesce(actions.action_count, 0) as action_count,
    actions.actions
from minutes
left join counts using (minute_at)
left join standing using (emergency, minute_at)
left join sensors on sensors.hour = date_trunc('hour', minutes.minute_at)
left join actions using (emergency, minute_at)
