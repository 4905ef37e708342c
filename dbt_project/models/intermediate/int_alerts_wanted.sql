-- Each rule of the seed alert_rules is one part of `found`. `onset_at` is when its cause began at the
-- source: the stamp of
-- the record that tells it, or the moment at which a limit passed.
with
    rules as (select * from {{ ref("alert_rules") }}),

    no_unit_on_scene as (
        select
            rules.rule,
            calls.feed,
            calls.area_code,
            calls.call_id as subject,
            calls.received_at + to_seconds(60 * rules.threshold * calls.standard_minutes) as onset_at,
            calls.delivery_id,
            calls.waiting_minutes as observed,
            rules.threshold * calls.standard_minutes as limit_figure,
            to_json({'received_at':calls.received_at, 'call_type':calls.call_type}) as figures
        from {{ ref("int_calls_waiting") }} as calls
        inner join rules on rules.rule = 'no_unit_on_scene'
        where calls.priority = 1 and calls.waiting_minutes >= rules.threshold * calls.standard_minutes
    ),

    response_backlog as (
        select
            rules.rule,
            calls.feed,
            calls.area_code,
            calls.area_code as subject,
            -- the call that made them too many
            list_sort(list(calls.late_at))[cast(any_value(rules.threshold) as bigint)] as onset_at,
            arg_max(calls.delivery_id, calls.late_at) as delivery_id,
            count(*) as observed,
            any_value(rules.threshold) as limit_figure,
            to_json({'calls':list_sort(list(calls.call_id))}) as figures
        from {{ ref("int_calls_waiting") }} as calls
        inner join rules on rules.rule = 'response_backlog'
        where calls.late_at <= {{ as_of() }}
        group by rules.rule, calls.feed, calls.area_code
        having count(*) >= any_value(rules.threshold)
    ),

    newest as (
        select feed, max(fetched_at) as read_at
        from {{ source("ops", "delivery") }}
        where verdict = 'accepted' and replays is null
        group by feed
    ),

    feed_silent as (
        select
            rules.rule,
            watched.feed,
            'city' as area_code,
            watched.feed as subject,
            list_sort(list(cycles.collected_at))[cast(any_value(rules.threshold) as bigint)] as onset_at,
            cast(null as varchar) as delivery_id,
            count(*) as observed,
            any_value(rules.threshold) as limit_figure,
            to_json(
                {'read_at':any_value(newest.read_at), 'first_missed_at':min(cycles.started_at)}
            ) as figures
        from {{ source("ops", "watched") }} as watched
        inner join rules on rules.rule = 'feed_silent'
        left join newest using (feed)
        inner join
            {{ source("ops", "watch_cycle") }} as cycles
            on cycles.started_at > coalesce(newest.read_at, timestamptz '-infinity')
            and cycles.instant <= {{ as_of() }}
        group by rules.rule, watched.feed
        having count(*) >= any_value(rules.threshold)
    ),

    -- the last hour of a series is that of the build; where it is built on the hour, the one that ended then
    sensors as (
        select
            'sensor_' || health.state as rule,
            health.feed,
            health.area_code,
            health.datastream_id as subject,
            case
                when health.state = 'silent'
                then health.heard_at + {{ patience("properties.interval_minutes") }}
                else health.heard_at
            end as onset_at,
            cast(null as varchar) as delivery_id,
            health.age_minutes as observed,
            cast(null as double) as limit_figure,
            to_json(
                {
                    'state':health.state,
                    'property':health.property_code,
                    'lamp_post':health.lamp_post_id,
                    'heard_at':health.heard_at
                }
            ) as figures
        from {{ ref("sensor_health_hourly") }} as health
        inner join {{ ref("sensor_properties") }} as properties using (property_code)
        where
            health.state in ('silent', 'out_of_range')
            and health.hour = date_trunc('hour', {{ as_of() }} - interval 1 microsecond)
    ),

    -- the window of the build, which is not over, or the one before
    hot_spots as (
        select
            'hot_spot' as rule,
            min(incidents.feed) as feed,
            spots.area_code,
            spots.category as subject,
            max(incidents.happened_at) as onset_at,
            cast(null as varchar) as delivery_id,
            cast(arg_max(spots.observed_count, spots.window_start_at) as double) as observed,
            cast(null as double) as limit_figure,
            to_json(
                {
                    'kind':spots.kind,
                    'window_start_at':max(spots.window_start_at),
                    'expected_count':arg_max(spots.expected_count, spots.window_start_at),
                    'burst_z':arg_max(spots.burst_z, spots.window_start_at)
                }
            ) as figures
        from {{ ref("hot_spots_hourly") }} as spots
        inner join
            {{ ref("emergency_incidents") }} as incidents
            on incidents.kind = spots.kind
            and incidents.area_code = spots.area_code
            and incidents.category = spots.category
            and {{ window_of("incidents.happened_at") }} = spots.window_start_at
        semi join {{ source("ops", "watched") }} as watched on watched.feed = incidents.feed
        where spots.is_flagged and spots.window_start_at > {{ as_of() }} - interval 6 hour
        group by spots.kind, spots.area_code, spots.category
    ),

    found as (
        select *
        from no_unit_on_scene
        union all
        select *
        from response_backlog
        union all
        select *
        from feed_silent
        union all
        select *
        from sensors
        union all
        select *
        from hot_spots
    ),

    worded as (
        select
            found.*,
            regexp_replace(printf('%.1f', found.observed), '[.]0$', '') as observed_text,
            coalesce(regexp_replace(printf('%.1f', found.limit_figure), '[.]0$', ''), '') as limit_text
        from found
    )

select
    worded.rule || '|' || worded.feed || '|' || worded.area_code || '|' || worded.subject as dedup_key,
    worded.rule,
    {{ department_of("worded.feed") }} as department,
    worded.feed,
    worded.area_code,
    worded.subject,
    worded.onset_at,
    greatest(worded.onset_at, deliveries.fetched_at) as visible_at,
    worded.observed,
    worded.limit_figure,
    worded.figures,
    rules.event,
    rules.event_zh,
    rules.category,
    rules.urgency,
    rules.severity,
    rules.certainty,
    {{ filled_in("rules.headline") }} as headline,
    {{ filled_in("rules.headline_zh") }} as headline_zh,
    {{ filled_in("rules.meaning") }} as description,
    {{ filled_in("rules.meaning_zh") }} as description_zh,
    rules.escalate_minutes,
    rules.clear_minutes,
    rules.is_critical
from worded
inner join rules using (rule)
left join
    {{ source("ops", "delivery") }} as deliveries
    on deliveries.feed = worded.feed
    and deliveries.delivery_id = worded.delivery_id
