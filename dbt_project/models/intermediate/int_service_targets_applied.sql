-- A promise that the city makes for a whole service, reckoned for each day on which a request without
-- one of its own was made. Where the table says two things of a day nobody can tell which was promised:
-- that is told too, since it is not the same as no promise.
with
    asked as (
        select distinct
            {{ department_of("feed") }} as department,
            service_code,
            {{ local_date("requested_at") }} as opened_date
        from {{ ref("stg_service_request") }}
        where expected_at is null
    ),

    own as (
        select targets.*
        from {{ ref("service_targets") }} as targets
        inner join {{ source("ops", "city") }} as cities using (city)
    ),

    promised as (
        select
            asked.department,
            asked.service_code,
            asked.opened_date,
            count(distinct(own.target_days, own.day_kind)) > 1 as is_ambiguous,
            case when not is_ambiguous then any_value(own.target_days) end as target_days,
            case when not is_ambiguous then any_value(own.day_kind) end as day_kind
        from asked
        inner join
            own
            on own.department = asked.department
            and own.service_code = asked.service_code
            and asked.opened_date >= coalesce(own.valid_from, asked.opened_date)
            and asked.opened_date <= coalesce(own.valid_to, asked.opened_date)
        group by asked.department, asked.service_code, asked.opened_date
    ),

    free_days as (
        select holidays.holiday_date
        from {{ ref("holidays") }} as holidays
        inner join {{ source("ops", "city") }} as cities using (city)
    ),

    -- of a year without a holiday nobody has told which days are free
    known_days as (
        select cast(unnest(generate_series(first_day, last_day, interval 1 day)) as date) as day
        from
            (
                select distinct
                    make_date(year(holiday_date), 1, 1) as first_day,
                    make_date(year(holiday_date), 12, 31) as last_day
                from free_days
            )
    ),

    business_days as (
        select day, row_number() over (order by day) as number
        from known_days
        anti join free_days on free_days.holiday_date = known_days.day
        where isodow(day) < 6
    ),

    -- a request made on a free day is as good as made on the last business day before
    begun as (
        select promised.*, business_days.number + promised.target_days as due_number
        from promised
        asof left join business_days on promised.opened_date >= business_days.day
    ),

    reckoned as (
        select
            begun.department,
            begun.service_code,
            begun.opened_date,
            begun.is_ambiguous,
            begun.target_days,
            begun.day_kind,
            case
                begun.day_kind
                when 'calendar'
                then begun.opened_date + begun.target_days
                else
                    case
                        when
                            begun.opened_date in (select day from known_days)
                            and year(business_days.day) - year(begun.opened_date) <= 1
                        then business_days.day
                    end
            end as due_date
        from begun
        left join business_days on business_days.number = begun.due_number
    )

select *
from reckoned
where due_date is not null or is_ambiguous
