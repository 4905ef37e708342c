-- the only table by the hour that time alone changes: in its newest hours, to which the others owe theirs
with
    feeds as (
        select feed, date_trunc('hour', min(first_at)) as first_hour
        from {{ ref("int_datastreams") }}
        group by all
    ),

    hours as (
        select
            feed,
            read_until,
            unnest(
                generate_series(first_hour, {{ as_of() }} - interval 1 microsecond, interval 1 hour)
            ) as hour
        from feeds
        left join {{ ref("int_feeds_read") }} using (feed)
    )

select
    feed,
    hour,
    {{ local_date("hour") }} as day,
    -- of what the feed had to tell after it was last read nothing is known
    case when read_until > hour then least(hour + interval 1 hour, read_until, {{ as_of() }}) end as judged_at
from hours
