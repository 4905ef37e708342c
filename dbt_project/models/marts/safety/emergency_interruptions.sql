{{ config(meta={"about": "ops.emergency"}) }}

-- Nothing is taken to be restored because somebody says so: a lamp measured that it is lit, a sensor and a
-- feed were heard.
with
    periods as (
        select emergency, started_at, coalesce(stopped_at, {{ as_of() }}) as until_at
        from {{ source("ops", "emergency") }}
    ),

    street_lights as (
        select
            'street_light' as kind,
            feed,
            datastream_id as subject,
            lamp_post_id,
            area_code,
            started_at as stopped_at,
            ended_at as restored_at
        from {{ ref("int_lamp_outages") }}
        where is_measured
    ),

    silent as (
        select
            feed,
            datastream_id,
            any_value(lamp_post_id) as lamp_post_id,
            arg_max(area_code, hour) as area_code,
            heard_at as stopped_at
        from {{ ref("sensor_health_hourly") }}
        semi join periods on heard_at <= periods.until_at
        where state = 'silent'
        group by feed, datastream_id, heard_at
    ),

    -- of other sensors nobody asks when they were heard again
    heard as (
        select feed, datastream_id, heard_at
        from {{ ref("int_readings_judged") }}
        semi join silent using (feed, datastream_id)
    ),

    sensors as (
        select
            'sensor' as kind,
            silent.feed,
            silent.datastream_id as subject,
            silent.lamp_post_id,
            silent.area_code,
            silent.stopped_at,
            heard.heard_at as restored_at
        from silent
        asof left join
            heard
            on heard.feed = silent.feed
            and heard.datastream_id = silent.datastream_id
            and silent.stopped_at < heard.heard_at
    ),

    reads as (
        select
            feed,
            fetched_at as stopped_at,
            lead(fetched_at) over (partition by feed order by fetched_at, delivery_id) as restored_at
        from {{ source("ops", "delivery") }}
        semi join {{ source("ops", "watched") }} using (feed)
        where verdict = 'accepted' and replays is null
    ),

    feeds as (
        select
            'feed' as kind,
            reads.feed,
            reads.feed as subject,
            cast(null as varchar) as lamp_post_id,
            'city' as area_code,
            reads.stopped_at,
            reads.restored_at
        from reads
        inner join {{ ref("alert_rules") }} as rules on rules.rule = 'feed_silent'
        inner join
            {{ source("ops", "watch_cycle") }} as cycles
            on cycles.started_at > reads.stopped_at
            and coalesce(cycles.collected_at < reads.restored_at, true)
        group by all
        having count(*) >= any_value(rules.threshold)
    ),

    interrupted as (
        select *
        from street_lights
        union all
        select *
        from sensors
        union all
        select *
        from feeds
    )

select
    periods.emergency,
    interrupted.kind,
    interrupted.feed,
    interrupted.subject,
    interrupted.lamp_post_id,
    interrupted.area_code,
    interrupted.stopped_at,
    interrupted.restored_at,
    coalesce(interrupted.restored_at <= periods.until_at, false) as is_restored,
    {{ minutes_between("interrupted.stopped_at", "interrupted.restored_at") }} as interrupted_minutes
from interrupted
inner join
    periods
    on interrupted.stopped_at <= periods.until_at
    and coalesce(interrupted.restored_at >= periods.started_at, true)
