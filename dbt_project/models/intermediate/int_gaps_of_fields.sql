{%- set too_few = 5 -%}
with
    delivered as (
        select
            feed,
            field,
            record_count,
            filled_count,
            loaded_at,
            {{ local_date("fetched_at") }} as day,
            row_number() over (partition by feed, field order by loaded_at) as place
        from {{ ref("int_fields_delivered") }}
        inner join {{ source("ops", "delivery") }} using (feed, delivery_id)
        where replays is null
    ),

    blank as (
        select *, place - row_number() over (partition by feed, field order by loaded_at) as island
        from delivered
        where filled_count = 0
    ),

    holes as (
        select
            feed,
            field,
            min(day) as first_date,
            max(day) as last_date,
            count(*) as period_count,
            max(place) as last_place,
            sum(record_count) as record_count
        from blank
        group by feed, field, island
    )

-- in a few records a field may be blank by chance
select
    holes.feed,
    holes.field,
    first_date,
    last_date,
    period_count,
    delivered.loaded_at as filled_at,
    case when delivered.feed is not null then 'late_arrival' end as filled_by
from holes
left join
    delivered
    on delivered.feed = holes.feed
    and delivered.field = holes.field
    and delivered.place = holes.last_place + 1
where holes.record_count >= {{ too_few }}
