with
    counted as (
        select
            cast(date_trunc('week', opened_date) as date) as week,
            department,
            service_code,
            closed_date - opened_date as days_to_close,
            is_closed_without_time
        from {{ ref("int_service_requests_classified") }}
        where counting_class = 'counted'
    ),

    ages as (select unnest([1, 3, 7, 14, 30, 90]) as age_days),

    cohorts as (
        select
            week,
            department,
            service_code,
            age_days,
            count(*) filter (not is_closed_without_time) as opened_count,
            count(*) filter (is_closed_without_time) as closed_without_time_count,
            -- the week's last requests, of its Sunday, must have had all their days
            week + 6 + age_days < {{ local_date(as_of()) }} as is_old_enough,
            count(*) filter (days_to_close <= age_days) as closed_so_far_count
        from counted
        cross join ages
        group by all
    ),

    shown as (
        select *, case when is_old_enough then closed_so_far_count end as closed_within_count from cohorts
    )

select
    week,
    department,
    service_code,
    services.service_name,
    age_days,
    is_old_enough,
    opened_count,
    closed_without_time_count,
    closed_within_count,
    {{ metric("closed_within_share") }} as closed_within_share
from shown
inner join {{ ref("int_services") }} as services using (department, service_code)
