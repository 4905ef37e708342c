-- Units become incidents once, whether they arrived or not.
with
    marts as (
        select 'response_times_daily' as mart, coalesce(sum(incident_count), 0) as incident_count
        from {{ ref("response_times_daily") }}
        union all
        select
            'response_times_monthly, ' || if(area_code = 'city', 'city', 'areas'),
            coalesce(sum(incident_count), 0)
        from {{ ref("response_times_monthly") }}
        group by all
    ),

    calls as (select count(distinct(feed, call_id)) as incident_count from {{ ref("stg_emergency_call") }})

select marts.mart, marts.incident_count, calls.incident_count as call_count
from marts
cross join calls
where marts.incident_count <> calls.incident_count
