-- Each request is in the mart of requests and its history, and the counted ones add up in each of the others.
with
    held as (
        select
            count(*) as all_of_them,
            count(*) filter (counting_class = 'counted') as counted,
            count(*) filter (counting_class = 'counted' and closed_date is not null) as closed
        from {{ ref("int_service_requests_classified") }}
    ),

    told as (
        select 'service_requests' as mart, count(*) as told, any_value(all_of_them) as held
        from {{ ref("service_requests") }}
        cross join held
        union all
        select 'service_request_events', count(distinct(feed, request_id)), any_value(all_of_them)
        from {{ ref("service_request_events") }}
        semi join {{ ref("service_requests") }} using (feed, request_id)
        cross join held
        union all
        select
            'service_cohorts_weekly',
            sum(opened_count + closed_without_time_count) filter (age_days = 1),
            any_value(counted)
        from {{ ref("service_cohorts_weekly") }}
        cross join held
        union all
        select 'service_rates_monthly', sum(assigned_count), any_value(counted)
        from {{ ref("service_rates_monthly") }}
        cross join held
        union all
        select 'service_times_monthly, each grouping', sum(closed_count), 3 * any_value(closed)
        from {{ ref("service_times_monthly") }}
        cross join held
        union all
        select 'service_honesty_monthly', sum(request_count), any_value(all_of_them)
        from {{ ref("service_honesty_monthly") }}
        cross join held
    )

select *
from told
where told <> held
