with
    due as (
        select *, lag(day) over (partition by feed order by day) as last_due_date
        from {{ ref("int_deliveries_expected") }}
        where is_expected
    ),

    slices as (
        select
            due.feed,
            due.day,
            count(*) as expected_slice_count,
            count(*) filter (slices.state in ('covered', 'filled')) as covered_slice_count
        from due
        inner join
            {{ ref("int_slices_judged") }} as slices
            on slices.feed = due.feed
            and slices.last_date < due.day
            and slices.last_date >= coalesce(due.last_due_date, date '0001-01-01')
        group by all
    ),

    filled as (
        select feed, first_date, last_date, filled_at, filled_by
        from {{ ref("int_gaps_of_days") }}
        where kind <> 'late'
    )

select
    due.feed,
    due.department,
    due.day as due_date,
    due.due_at,
    feeds.schedule,
    feeds.legal_basis,
    feeds.steward as owner,
    due.arrived_at,
    filled_at,
    filled_by,
    case
        when arrival = 'missing' and filled_at is not null
        then 'filled'
        when arrival = 'not_due'
        then 'not_yet_due'
        else arrival
    end as state,
    case
        when arrival = 'missing'
        then date_diff('day', due.day, coalesce({{ local_date("filled_at") }}, {{ local_date(as_of()) }}))
        when arrival <> 'not_due'
        then 0
    end as days_late,
    expected_slice_count,
    covered_slice_count,
    {{ metric("gap_coverage_share") }} as coverage_share
from due
inner join {{ source("ops", "feed") }} as feeds using (feed)
left join slices using (feed, day)
left join filled on filled.feed = due.feed and due.day between filled.first_date and filled.last_date
union all
-- a data set that nobody has connected owes something too; what it lacks cannot be told by day
select
    feed,
    department,
    since,
    null,
    null,
    legal_basis,
    steward,
    null,
    null,
    null,
    'never_connected',
    date_diff('day', since, {{ local_date(as_of()) }}),
    null,
    null,
    null
from {{ source("ops", "expected_data") }}
where since <= {{ local_date(as_of()) }}
