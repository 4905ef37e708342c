with
    due_days as (
        select
            feeds.feed,
            feeds.department,
            dates.day,
            scheduled.feed is not null as is_expected,
            {{ instant_of("dates.day + cast(feeds.due as time)") }} as due_at
        from {{ source("ops", "feed") }} as feeds
        inner join {{ ref("int_dates") }} as dates on dates.day >= feeds.active_from
        left join
            {{ ref("int_days_scheduled") }} as scheduled
            on scheduled.feed = feeds.feed
            and scheduled.day = dates.day
    ),

    -- a back-fill answers for days gone by, not for the day on which it was run; a replay is nothing that
    -- came
    arrivals as (
        select feed, {{ local_date("fetched_at") }} as day, min(fetched_at) as arrived_at
        from {{ source("ops", "delivery") }}
        where window_start is null and window_end is null and replays is null
        group by all
    )

select
    due_days.*,
    arrivals.arrived_at,
    case
        when not due_days.is_expected
        then 'not_due'
        when arrivals.arrived_at <= due_days.due_at
        then 'on_time'
        when arrivals.arrived_at is not null
        then 'late'
        when due_days.due_at < {{ as_of() }}
        then 'missing'
        else 'not_due'
    end as arrival
from due_days
left join arrivals using (feed, day)
