-- of a period in which a feed joined nobody can say what it should hold
with
    promised as (
        select
            feed,
            period,
            area_code,
            coalesce(since, active_from) as since_date,
            {{ local_date(as_of()) }} as today
        from {{ source("ops", "coverage") }}
        inner join {{ source("ops", "feed") }} using (feed)
    ),

    periods as (
        select distinct
            feed,
            period,
            since_date,
            today,
            cast(
                unnest(
                    generate_series(
                        cast({{ period_of("period", "since_date") }} as timestamp),
                        cast(today as timestamp),
                        case
                            period
                            when 'day'
                            then interval 1 day
                            when 'month'
                            then interval 1 month
                            else interval 1 year
                        end
                    )
                ) as date
            ) as period_date
        from (select distinct feed, period, since_date, today from promised)
    )

select
    periods.feed,
    periods.period,
    period_date,
    {{ period_after("periods.period", "period_date") }} - 1 as last_date,
    promised.area_code
from periods
inner join promised using (feed)
where
    period_date >= periods.since_date and {{ period_after("periods.period", "period_date") }} <= periods.today
