-- The ledger and the mart agree on how many records came; back-fills and refused deliveries are part of it,
-- and
-- replays are not: their records came before.
with
    mart as (
        select feed, sum(received) as received, sum(set_aside) as set_aside
        from {{ ref("data_quality_daily") }}
        group by all
    ),

    ledger as (
        select feed, sum(received) as received, sum(set_aside) as set_aside
        from {{ source("ops", "delivery") }}
        -- a feed that left the city file has no due days any more
        semi join {{ source("ops", "feed") }} using (feed)
        -- what was fetched after the build's own day, while it waited or by a clock ahead, is for the next
        -- build
        where replays is null and {{ local_date("fetched_at") }} <= {{ local_date(as_of()) }}
        group by all
    )

select feed, mart.received, ledger.received
from ledger
left join mart using (feed)
where mart.received is distinct from ledger.received or mart.set_aside is distinct from ledger.set_aside
