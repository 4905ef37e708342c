with
    due as (
        select *, row_number() over (partition by feed order by day) as place
        from {{ ref("int_deliveries_expected") }}
        where arrival <> 'not_due'
    ),

    -- due days in a row on which nothing came are one gap
    missing as (
        select *, place - row_number() over (partition by feed order by day) as island
        from due
        where arrival = 'missing'
    ),

    holes as (
        select feed, department, min(day) as first_date, max(day) as last_date, count(*) as period_count
        from missing
        group by feed, department, island
    ),

    deliveries as (
        select
            feed,
            loaded_at,
            {{ local_date("fetched_at") }} as fetched_date,
            {{ local_date("window_start") }} as start_date,
            {{ local_date("window_end") }} as end_date,
            {{ way_of_filling("replays", "window_start", "window_end") }} as way
        from {{ source("ops", "delivery") }}
        where verdict = 'accepted' and replays is null
    ),

    -- a regular delivery brings what is new since the last one; a back-fill what it asked for
    fills as (
        select holes.feed, holes.first_date, min(loaded_at) as filled_at, arg_min(way, loaded_at) as filled_by
        from holes
        inner join deliveries on deliveries.feed = holes.feed
        where
            case
                way
                when 'late_arrival'
                then fetched_date > last_date
                else
                    fetched_date >= first_date
                    and coalesce(start_date <= first_date, true)
                    and coalesce(end_date >= last_date, true)
            end
        group by all
    ),

    connected as (select distinct feed from {{ source("ops", "delivery") }})

select
    holes.feed,
    holes.department,
    case when connected.feed is null then 'never_connected' else 'days_missing' end as kind,
    first_date,
    last_date,
    period_count,
    first_date as due_date,
    filled_at,
    filled_by
from holes
left join fills using (feed, first_date)
left join connected using (feed)
union all
select feed, department, 'late', day, day, 1, day, arrived_at, 'late_arrival'
from due
where arrival = 'late'
