-- One event closes a record for good; those without any are the ones that loads and replays look after.
with
    told as (
        select feed, delivery_id, rec, count(*) as events
        from {{ source("ops", "set_aside_event") }}
        group by all
        union all
        select feed, delivery_id, rec, 1 as events
        from {{ source("ops", "set_aside_open") }}
    ),

    states as (select feed, delivery_id, rec, sum(events) as states from told group by all)

select feed, delivery_id, rec, states
from {{ source("ops", "set_aside") }}
full join states using (feed, delivery_id, rec)
where states is distinct from 1
