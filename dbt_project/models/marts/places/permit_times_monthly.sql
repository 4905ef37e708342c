{#- where more than this share is issued on the day of the application, the date of application is none -#}
{%- set most = 0.5 -%}
with
    issued as (
        select
            {{ department_of("feed") }} as department,
            permit_type,
            {{ month_of("issued_date") }} as month,
            case
                when issued_date >= applied_date then date_diff('day', applied_date, issued_date)
            end as days_to_issue
        from {{ ref("stg_permit") }}
        where issued_date is not null
    ),

    counted as (
        select
            department,
            permit_type,
            month,
            count(*) as issued_count,
            count(days_to_issue) as timed_count,
            count(*) filter (days_to_issue = 0) as same_day_count,
            {{ metric("median_days_to_issue") }} as median_days_to_issue,
            {{ metric("p80_days_to_issue") }} as p80_days_to_issue
        from issued
        group by all
    ),

    judged as (
        select
            *,
            {{ metric("same_day_share") }} as same_day_share,
            coalesce(same_day_share <= {{ most }}, false) as is_assessable
        from counted
    )

select
    * exclude(median_days_to_issue, p80_days_to_issue),
    case when is_assessable then median_days_to_issue end as median_days_to_issue,
    case when is_assessable then p80_days_to_issue end as p80_days_to_issue
from judged
