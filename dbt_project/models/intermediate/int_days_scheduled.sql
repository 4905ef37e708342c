-- A cron field is a list of parts: *, a number, a range, each with a step if need be. A part is read as
-- its first and last value and its step; a day is scheduled when month and day match, where, as in
-- cron, either of day of the month and weekday is enough when both are restricted.
with
    schedules as (
        select
            feed,
            case
                schedule
                when '@hourly'
                then '0 * * * *'
                when '@daily'
                then '0 0 * * *'
                when '@weekly'
                then '0 0 * * 0'
                when '@monthly'
                then '0 0 1 * *'
                else schedule
            end as schedule
        from {{ source("ops", "feed") }}
    ),

    fields as (
        select
            feed,
            unnest(['day', 'month', 'weekday']) as field,
            unnest(string_split(schedule, ' ')[3:5]) as written
        from schedules
    ),

    texts as (select feed, field, written, unnest(string_split(written, ',')) as part from fields),

    parts as (
        select
            feed,
            field,
            written = '*' as is_free,
            coalesce(try_cast(regexp_extract(part, '^(\d+)', 1) as integer), 0) as first_value,
            case
                when regexp_matches(part, '^\d+$')
                then cast(part as integer)
                else coalesce(try_cast(regexp_extract(part, '-(\d+)', 1) as integer), 31)
            end as last_value,
            coalesce(try_cast(regexp_extract(part, '/(\d+)', 1) as integer), 1) as step
        from texts
    ),

    -- Sunday is 0 and 7; days and months begin with 1, from which their steps count
    day_values as (
        select day, 'day' as field, day(day) as value, 1 as origin
        from {{ ref("int_dates") }}
        union all
        select day, 'month', month(day), 1
        from {{ ref("int_dates") }}
        union all
        select day, 'weekday', weekday, 0
        from {{ ref("int_dates") }}
        union all
        select day, 'weekday', 0, 0
        from {{ ref("int_dates") }}
        where weekday = 7
    ),

    matches as (
        select
            feed,
            day,
            field,
            bool_or(is_free) as is_free,
            bool_or(
                value between first_value and last_value
                and (value - greatest(first_value, origin)) % step = 0
            ) as is_match
        from parts
        inner join day_values using (field)
        group by all
    )

select feed, day
from matches
group by all
having
    bool_and(is_match) filter (field = 'month')
    and case
        when bool_or(is_free) filter (field <> 'month')
        then bool_and(is_match) filter (field <> 'month')
        else bool_or(is_match) filter (field <> 'month')
    end
