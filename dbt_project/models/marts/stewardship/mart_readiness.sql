{%- set gravest_first = ["do_not_use", "care", "ready"] -%}
{%- set reasons_first = ["nothing_yet", "missing", "refused", "set_aside", "late"] -%}
with
    marts as (select * from {{ ref("int_marts_declared") }}),

    feeds as (select * from {{ ref("int_feeds_judged") }}),

    stands_on as (
        select mart, feeds.*
        from {{ ref("int_marts_traced") }} as traced
        inner join feeds on feeds.contract = traced.kind
    ),

    kinds as (
        select
            mart,
            list(distinct kind order by kind) as kinds,
            list(distinct kind order by kind) filter (feeds.feed is null) as kinds_without_feed
        from {{ ref("int_marts_traced") }} as traced
        left join feeds on feeds.contract = traced.kind
        group by mart
    ),

    told as (
        -- one that did not come is graver than one that came and could not be taken in
        select
            mart,
            case when is_critical then 'do_not_use' else 'care' end as use,
            case when is_missing then 'missing' else 'refused' end as reason,
            feed,
            null as waiting_share
        from stands_on
        where is_missing or is_refused
        union all
        select mart, 'care', 'set_aside', feed, waiting_share
        from stands_on
        where waiting_share > {{ much_waits() }}
        union all
        select mart, 'ready', 'late', feed, null
        from stands_on
        where state = 'late'
        union all
        select mart, 'do_not_use', 'nothing_yet', null, null
        from kinds
        anti join (select mart from stands_on where last_arrived_date is not null) using (mart)
    ),

    -- of each use and reason the feeds that it is about, the worst first
    gathered as (
        select
            mart,
            {
                'use':use,
                'reason':reason,
                'feeds':coalesce(
                    list(feed order by waiting_share desc nulls last, feed) filter (feed is not null), []
                ),
                'waiting_share':max(waiting_share)
            } as one,
            list_position({{ gravest_first }}, use) as use_place,
            list_position({{ reasons_first }}, reason) as reason_place
        from told
        group by mart, use, reason
    ),

    reasons as (
        select mart, list(one order by use_place, reason_place) as reasons from gathered group by mart
    ),

    standing as (
        select
            mart,
            list({'feed':feed, 'state':state, 'last_arrived_date':last_arrived_date} order by feed) as feeds,
            count(*) as feed_count,
            count(*) filter (is_missing) as missing_feed_count
        from stands_on
        group by mart
    ),

    -- a refused delivery brought nothing
    empty_days as (
        select feed, {{ local_date("fetched_at") }} as day
        from {{ source("ops", "delivery") }}
        group by all
        having count(*) filter (verdict = 'accepted') = 0
    ),

    good_days as (
        select mart, day, count(*) as feed_count
        from stands_on
        inner join {{ ref("int_deliveries_expected") }} as expected using (feed)
        anti join empty_days using (feed, day)
        where expected.arrival <> 'missing'
        group by mart, day
    ),

    good as (
        select mart, max(day) as last_good_date
        from good_days
        inner join standing using (mart)
        where good_days.feed_count = standing.feed_count
        group by mart
    )

select
    mart,
    title_en,
    title_zh,
    coalesce(reasons[1].use, 'ready') as use,
    coalesce(reasons[1].reason, case when kinds is null then 'no_feed' else 'all_in' end) as reason,
    coalesce(reasons, []) as reasons,
    coalesce(kinds, []) as kinds,
    coalesce(kinds_without_feed, []) as kinds_without_feed,
    coalesce(feeds, []) as feeds,
    coalesce(standing.feed_count, 0) as feed_count,
    coalesce(missing_feed_count, 0) as missing_feed_count,
    -- what stands on no department's records is as good as its build
    case when kinds is null then {{ local_date(as_of()) }} else last_good_date end as last_good_date
from marts
left join kinds using (mart)
left join standing using (mart)
left join reasons using (mart)
left join good using (mart)
