with
    first_days as (
        select {{ local_date("min(requested_at)") }} as day
        from {{ ref("stg_service_request") }}
        union all
        select {{ local_date("min(occurred_at)") }}
        from {{ ref("stg_incident") }}
        union all
        select {{ local_date("min(received_at)") }}
        from {{ ref("stg_emergency_call") }}
        union all
        -- without the readings of clocks that are wrong: one of 1970 would make half a century of days
        select {{ local_date("min(first_at)") }}
        from {{ ref("int_datastreams") }}
        union all
        select {{ local_date("min(published_at)") }}
        from {{ ref("stg_opinion_item") }}
        union all
        select min(inspection_date)
        from {{ ref("stg_inspection") }}
        union all
        select min(issued_date)
        from {{ ref("stg_permit") }}
        union all
        select min(paid_date)
        from {{ ref("stg_payment") }}
        union all
        select min(active_from)
        from {{ source("ops", "feed") }}
    ),

    days as (
        select
            cast(unnest(generate_series(min(day), {{ local_date(as_of()) }}, interval 1 day)) as date) as day
        from first_days
    )

select
    day,
    {{ month_of("day") }} as month,
    cast(year(day) as bigint) as year,
    cast(isodow(day) as bigint) as weekday
from days
