-- Units become incidents once, whether they arrived or not.
with
    mart as (
        select coalesce(sum(incident_count), 0) as incident_count from {{ ref("response_times_daily") }}
    ),

    calls as (select count(distinct(feed, call_id)) as incident_count from {{ ref("stg_emergency_call") }})

select mart.incident_count, calls.incident_count
from mart
cross join calls
where mart.incident_count <> calls.incident_count
