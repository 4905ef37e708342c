with
    today as (select * from {{ ref("int_deliveries_expected") }} where day = {{ local_date(as_of()) }}),

    due as (select * from {{ ref("int_deliveries_expected") }} where arrival <> 'not_due'),

    came as (select feed, max(day) filter (arrival <> 'missing') as last_day from due group by feed),

    -- the due days in a row, up to the newest, on which nothing came
    missed as (
        select feed, min(day) as missing_since_date, count(*) as missing_day_count
        from due
        inner join came using (feed)
        where day > coalesce(last_day, date '0001-01-01')
        group by feed
    ),

    newest as (
        select
            feed,
            arg_max(verdict, (fetched_at, loaded_at)) = 'refused' as is_refused,
            {{ local_date("max(fetched_at)") }} as last_arrived_date
        from {{ source("ops", "delivery") }}
        group by feed
    ),

    received as (
        select feed, sum(received) as received_count
        from {{ source("ops", "delivery") }}
        where replays is null and {{ local_date("fetched_at") }} = {{ local_date(as_of()) }}
        group by feed
    ),

    waiting as (
        select feed, count(*) as waiting_count
        from {{ source("ops", "set_aside_open") }}
        where {{ local_date("fetched_at") }} = {{ local_date(as_of()) }}
        group by feed
    ),

    joined as (
        select
            feeds.feed,
            feeds.department,
            feeds.contract,
            coalesce(feeds.critical, false) as is_critical,
            last_arrived_date,
            -- what nothing is known of is missing, never well
            missing_since_date is not null or today.feed is null as is_missing,
            missing_since_date,
            coalesce(missing_day_count, 0) as missing_day_count,
            coalesce(is_refused, false) as is_refused,
            today.arrival,
            coalesce(received_count, 0) as received_count,
            coalesce(waiting_count, 0) as waiting_count
        from {{ source("ops", "feed") }} as feeds
        left join today using (feed)
        left join missed using (feed)
        left join newest using (feed)
        left join received using (feed)
        left join waiting using (feed)
    )

select
    *,
    {{ metric("waiting_share") }} as waiting_share,
    case
        when last_arrived_date is null
        then 'never'
        when missing_day_count >= 7
        then 'stopped'
        when is_missing
        then 'missing'
        when is_refused
        then 'refused'
        else arrival
    end as state
from joined
