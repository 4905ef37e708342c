-- Every incident that counts is in the hot spots of its day, alone and with all others of its area.
with
    mart as (
        select
            kind,
            sum(observed_count) filter (category = 'all') as together,
            sum(observed_count) filter (category <> 'all') as apart
        from {{ ref("hot_spots_daily") }}
        group by kind
    ),

    incidents as (
        select kind, count(*) as incident_count from {{ ref("emergency_incidents") }} group by kind
    ),

    records as (
        select 'emergency_call' as kind, count(distinct(feed, call_id)) as record_count
        from {{ ref("stg_emergency_call") }}
        union all
        select 'incident', count(*)
        from {{ ref("stg_incident") }}
    )

select *
from records
left join incidents using (kind)
left join mart using (kind)
where
    record_count > 0
    and (incident_count, together, apart) is distinct from (record_count, record_count, record_count)
