with
    versions as (
        select
            'emergency_call' as kind,
            _feed as feed,
            call_id as incident_id,
            unit_id as part,
            _op,
            _delivery_id as delivery_id,
            (coalesce(updated_at, timestamptz '-infinity'), _loaded_at, _rec) as version,
            _loaded_at
        from {{ source("records", "emergency_call") }}
        union all
        select
            'incident',
            _feed,
            incident_id,
            '',
            _op,
            _delivery_id,
            (coalesce(updated_at, timestamptz '-infinity'), _loaded_at, _rec),
            _loaded_at
        from {{ source("records", "incident") }}
    ),

    -- a replayed record was seen when its delivery was fetched
    seen as (
        select versions.*, coalesce(deliveries.fetched_at, versions._loaded_at) as seen_at
        from versions
        left join {{ source("ops", "delivery") }} as deliveries using (feed, delivery_id)
    ),

    parts as (
        select
            kind,
            feed,
            incident_id,
            part,
            arg_max(_op, version) as newest_op,
            arg_max(seen_at, version) as newest_at,
            min(seen_at) filter (_op = 'U') as first_seen_at,
            max(seen_at) filter (_op = 'U') as last_changed_at,
            count(*) filter (_op = 'U') as version_count
        from seen
        group by all
    ),

    incidents as (
        select
            kind,
            feed,
            incident_id,
            min(first_seen_at) as first_seen_at,
            max(last_changed_at) as last_changed_at,
            cast(sum(version_count) as bigint) as version_count,
            bool_or(newest_op = 'U') as is_shown,
            max(newest_at) filter (newest_op = 'E') as gone_at
        from parts
        group by all
        having bool_or(newest_op <> 'D')
    ),

    latest as (select feed, max(heard_at) as heard_at from {{ ref("int_feeds_heard") }} group by feed),

    held as (
        select incidents.*, coalesce(feeds.live, false) as is_live, latest.heard_at as latest_at
        from incidents
        left join {{ source("ops", "feed") }} as feeds using (feed)
        left join latest using (feed)
    )

select
    held.kind,
    held.feed,
    held.incident_id,
    held.first_seen_at,
    -- what still shows was there at the latest answer, what is gone at the last one before it was gone
    case
        when not is_live
        then last_changed_at
        when is_shown
        then greatest(latest_at, last_changed_at)
        else greatest(heard.heard_at, last_changed_at)
    end as last_seen_at,
    held.version_count,
    case when is_live then is_shown end as is_on_board
from held
asof left join
    {{ ref("int_feeds_heard") }} as heard on heard.feed = held.feed and heard.heard_at < held.gone_at
