with
    expected as (select * from {{ ref("int_slices_expected") }}),

    deliveries as (
        select
            feed,
            delivery_id,
            loaded_at,
            {{ local_date("fetched_at") }} as fetched_date,
            {{ way_of_filling("replays", "window_start", "window_end") }} as way
        from {{ source("ops", "delivery") }}
        where verdict = 'accepted'
    ),

    -- a period is judged by the first regular delivery after its end
    regular as (
        select feed, fetched_date, min(loaded_at) as judged_at
        from deliveries
        where way = 'late_arrival'
        group by all
    ),

    judged as (
        select ended.feed, ended.period_date, regular.judged_at
        from (select distinct feed, period_date, last_date from expected) as ended
        asof join regular on ended.feed = regular.feed and ended.last_date < regular.fetched_date
    ),

    brought as (
        select
            feed,
            period_date,
            area_code,
            min(loaded_at) as brought_at,
            arg_min(way, loaded_at) as brought_by,
            cast(sum(record_count) as bigint) as record_count
        from {{ ref("int_slices_delivered") }}
        inner join deliveries using (feed, delivery_id)
        group by all
    )

select
    expected.*,
    judged_at,
    brought_at,
    case when brought_at > judged_at then brought_by end as filled_by,
    coalesce(record_count, 0) as record_count,
    case
        when judged_at is null
        then 'not_judged'
        when brought_at is null
        then 'open'
        when brought_at > judged_at
        then 'filled'
        else 'covered'
    end as state
from expected
left join judged using (feed, period_date)
left join
    brought
    on brought.feed = expected.feed
    and brought.period_date = expected.period_date
    and brought.area_code is not distinct from expected.area_code
