with
    first_instants as (
        select 'emergency_call' as kind, min(received_at) as first_at, max(received_at) as last_at
        from {{ ref("stg_emergency_call") }}
        union all
        select 'incident', min(occurred_at), max(occurred_at)
        from {{ ref("stg_incident") }}
    ),

    windows as (
        select
            kind,
            unnest(
                generate_series(
                    {{ window_of("first_at") }},
                    {{ window_of("greatest(last_at, " ~ as_of() ~ ")") }},
                    interval 3 hours
                )
            ) as window_start_at
        from first_instants
        where first_at is not null
    ),

    feeds as (
        select
            feeds.feed,
            feeds.contract as kind,
            coalesce(feeds.live, false) as is_live,
            max(heard_at) as last_at
        from {{ source("ops", "feed") }} as feeds
        left join {{ ref("int_feeds_heard") }} as heard using (feed)
        group by all
    ),

    heard as (
        select distinct feed, {{ window_of("heard_at") }} as window_start_at from {{ ref("int_feeds_heard") }}
    ),

    -- what a feed tells now tells of all time before, but not where it shows only what goes on
    read as (
        select
            windows.kind,
            windows.window_start_at,
            coalesce(
                bool_and(
                    case
                        when is_live
                        then
                            heard.feed is not null
                            and windows.window_start_at + interval 3 hours <= {{ as_of() }}
                        else coalesce(windows.window_start_at + interval 3 hours <= feeds.last_at, false)
                    end
                ),
                false
            ) as is_read
        from windows
        left join feeds using (kind)
        left join heard on heard.feed = feeds.feed and heard.window_start_at = windows.window_start_at
        group by all
    ),

    dated as (select *, {{ local_date("window_start_at") }} as day from read),

    -- a source that gives the day only says midnight: of the hours of such a day nothing is known
    untimed_days as (
        select 'incident' as kind, {{ local_date("occurred_at") }} as day
        from {{ ref("stg_incident") }}
        group by all
        having bool_and({{ is_date_only("occurred_at") }})
    )

select dated.kind, window_start_at, dated.day, is_read, is_read and untimed_days.day is null as is_measured
from dated
left join untimed_days using (kind, day)
