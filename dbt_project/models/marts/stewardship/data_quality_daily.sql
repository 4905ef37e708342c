{%- set dimensions = ["complete", "unique", "consistent", "valid", "accurate"] -%}
{%- set scores = [] -%}
{%- for dimension in dimensions + ["on_time"] -%}
    {%- do scores.append("scored." ~ dimension ~ "_score") -%}
{%- endfor -%}
with
    received as (
        select
            feed,
            {{ local_date("fetched_at") }} as day,
            count(*) as delivery_count,
            count(*) filter (verdict = 'refused') as refused_count,
            cast(sum(received) as bigint) as received,
            cast(sum(accepted) as bigint) as accepted,
            cast(sum(unchanged) as bigint) as unchanged,
            cast(sum(duplicate) as bigint) as duplicate,
            cast(sum(set_aside) as bigint) as set_aside
        from {{ source("ops", "delivery") }}
        where replays is null
        group by all
    ),

    -- what became since of the records that were set aside in the day's deliveries
    outcomes as (
        select
            feed,
            {{ local_date("fetched_at") }} as day,
            count(*) filter (event is null) as open,
            count(*) filter (event = 'replayed') as replayed,
            count(*) filter (event in ('mended', 'repeated', 'superseded')) as answered,
            count(*) filter (event = 'expired') as lost
        from {{ source("ops", "set_aside") }}
        inner join {{ source("ops", "delivery") }} using (feed, delivery_id)
        left join {{ source("ops", "set_aside_event") }} using (feed, delivery_id, rec)
        group by all
    ),

    measured as (
        select
            feed,
            day as measured_on,
            {% for dimension in dimensions %}
                cast(sum(passed) filter (dimension = '{{ dimension }}') as bigint) as {{ dimension }}_passed,
                cast(
                    sum(checked) filter (dimension = '{{ dimension }}') as bigint
                ) as {{ dimension }}_checked,
            {% endfor %}
        from {{ ref("int_deliveries_measured") }}
        where checked > 0
        group by all
    ),

    due as (
        select
            *,
            count(*) filter (arrival = 'on_time') over fortnight as on_time_passed,
            nullif(count(*) filter (arrival <> 'not_due') over fortnight, 0) as on_time_checked
        from {{ ref("int_deliveries_expected") }}
        window
            fortnight as (
                partition by feed order by day range between interval 13 days preceding and current row
            )
    ),

    -- a day without a delivery keeps what the last one showed, and says from which day that is
    carried as (
        select due.*, measured.* exclude (feed)
        from due
        asof left join measured on measured.feed = due.feed and measured.measured_on <= due.day
    ),

    scored as (
        select
            *,
            {% for dimension in dimensions + ["on_time"] %}
                {{ metric("quality_score", of=dimension) }} as {{ dimension }}_score,
            {% endfor %}
        from carried
    )

select
    scored.feed,
    scored.department,
    scored.day,
    scored.arrival,
    scored.due_at,
    scored.arrived_at,
    case
        when scored.arrival = 'late' then date_sub('minute', scored.due_at, scored.arrived_at)
    end as minutes_late,
    coalesce(received.delivery_count, 0) as delivery_count,
    coalesce(received.refused_count, 0) as refused_count,
    coalesce(received.received, 0) as received,
    coalesce(received.accepted, 0) as accepted,
    coalesce(received.unchanged, 0) as unchanged,
    coalesce(received.duplicate, 0) as duplicate,
    coalesce(received.set_aside, 0) as set_aside,
    coalesce(outcomes.open, 0) as set_aside_open,
    coalesce(outcomes.replayed, 0) as set_aside_replayed,
    coalesce(outcomes.answered, 0) as set_aside_answered,
    coalesce(outcomes.lost, 0) as set_aside_lost,
    scored.measured_on,
    {% for dimension in dimensions + ["on_time"] %}
        scored.{{ dimension }}_passed, scored.{{ dimension }}_checked, scored.{{ dimension }}_score,
    {% endfor %}
    -- a dimension that nobody measured is left out, never taken for perfect
    {{ metric("feed_score", of="[" ~ scores | join(", ") ~ "]") }} as feed_score
from scored
left join received using (feed, day)
left join outcomes using (feed, day)
