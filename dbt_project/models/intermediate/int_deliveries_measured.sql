with
    -- what a department sent is measured as it came: a replay mends what became of it, not what was sent
    deliveries as (
        select feed, delivery_id, {{ local_date("fetched_at") }} as day, received
        from {{ source("ops", "delivery") }}
        where replays is null
    ),

    rules as (select * from {{ source("ops", "check_result") }} where status <> 'not_run'),

    -- what is wrong with a delivery as a whole, like an added column, is no fault of its records
    delivery_rules as (
        select distinct feed, delivery_id, rule from {{ source("ops", "finding") }} where rec is null
    ),

    -- a record that was set aside counts once, against the first rule that it broke
    first_reasons as (
        select feed, delivery_id, reasons ->> '$[0].rule' as rule from {{ source("ops", "set_aside") }}
    ),

    dimension_of as (select feed, delivery_id, rule, min(dimension) as dimension from rules group by all),

    set_aside as (
        select feed, delivery_id, dimension, count(*) as failed
        from first_reasons
        inner join dimension_of using (feed, delivery_id, rule)
        group by all
    ),

    warned as (
        select feed, delivery_id, dimension, cast(sum(failed) as bigint) as failed
        from rules
        anti join delivery_rules using (feed, delivery_id, rule)
        where strength = 'warn'
        group by all
    ),

    -- a refusal is the delivery's own failure, in the dimension of the rule that refused it
    refused as (
        select distinct feed, delivery_id, dimension
        from {{ source("ops", "finding") }}
        where strength = 'refuse' and rec is null
    ),

    cells as (
        select
            feed,
            delivery_id,
            dimension,
            cast(sum(checked) as bigint) as checked,
            cast(sum(failed) as bigint) as failed
        from rules
        group by all
    ),

    measured as (
        select feed, delivery_id, dimension
        from cells
        union
        select feed, delivery_id, dimension
        from refused
    ),

    counted as (
        select
            feed,
            delivery_id,
            dimension,
            deliveries.day,
            refused.feed is not null as is_refused,
            -- completeness is counted in cells, everything else in records
            case dimension when 'complete' then cells.checked else deliveries.received end as checked,
            case
                dimension
                when 'complete'
                then cells.failed
                else coalesce(set_aside.failed, 0) + coalesce(warned.failed, 0)
            end as failed
        from measured
        inner join deliveries using (feed, delivery_id)
        left join refused using (feed, delivery_id, dimension)
        left join cells using (feed, delivery_id, dimension)
        left join set_aside using (feed, delivery_id, dimension)
        left join warned using (feed, delivery_id, dimension)
    )

select
    feed,
    delivery_id,
    dimension,
    day,
    case when is_refused then greatest(coalesce(checked, 0), 1) else checked end as checked,
    case when is_refused then 0 else greatest(checked - failed, 0) end as passed
from counted
