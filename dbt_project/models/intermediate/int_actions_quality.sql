with
    feeds as (select * from {{ ref("int_feeds_judged") }}),

    numbered as (
        select
            *,
            {{ local_date("fetched_at") }} as day,
            max(fetched_at) filter (verdict = 'accepted') over (partition by feed) as accepted_at,
            row_number() over (partition by feed order by fetched_at desc, loaded_at desc) as place_from_last
        from {{ source("ops", "delivery") }}
    ),

    newest as (select * from numbered where place_from_last = 1),

    refused as (
        select feed, min(day) as since_date
        from numbered
        where verdict = 'refused' and (accepted_at is null or fetched_at > accepted_at)
        group by feed
    ),

    changed as (
        select feed, day
        from newest
        where
            verdict = 'accepted'
            and (
                coalesce(layout_added, '[]')
                || coalesce(layout_removed, '[]')
                || coalesce(layout_renamed, '[]')
            )
            <> '[][][]'
    ),

    warned as (
        select feed, rule, field, newest.day
        from {{ source("ops", "check_result") }}
        inner join newest using (feed, delivery_id)
        where status = 'fail' and strength = 'warn' and verdict = 'accepted'
        group by all
    ),

    -- a record that is set aside each time it comes is as old as its first time
    asides as (
        select
            feed,
            event,
            coalesce(reasons ->> '$[0].rule', 'no_reason') as rule,
            reasons ->> '$[0].field' as field,
            min(set_aside_at) over (
                partition by feed, coalesce(record_key, rec || ' of ' || delivery_id)
            ) as first_set_aside_at
        from {{ source("ops", "set_aside") }}
        left join {{ source("ops", "set_aside_event") }} using (feed, delivery_id, rec)
        where event is null or event = 'repeated'
    ),

    waiting as (
        select
            feed,
            rule,
            field,
            count(*) as record_count,
            {{ local_date("min(first_set_aside_at)") }} as since_date
        from asides
        anti join refused using (feed)
        where event is null
        group by all
    ),

    wanted as (
        select
            'layout.' || feed as action_key,
            'layout' as cause,
            feed,
            'refused' as subject,
            since_date,
            since_date as due_date,
            case when is_critical then 'high' else 'normal' end as severity,
            null as detail
        from refused
        inner join feeds using (feed)
        union all
        select
            'late.' || feed,
            'late',
            feed,
            'late',
            today,
            {{ two_working_days_after("today") }},
            'normal',
            null
        from feeds
        cross join (select {{ local_date(as_of()) }} as today)
        where state = 'late'
        union all
        select
            concat_ws('.', 'rule', feed, rule, field),
            'rule',
            feed,
            rule,
            since_date,
            {{ two_working_days_after("since_date") }},
            'normal',
            cast(record_count as varchar)
        from waiting
        union all
        select 'layout_changed.' || feed, 'layout', feed, 'layout_changed', day, day + 7, 'low', null
        from changed
        union all
        select concat_ws('.', 'check', feed, rule, field), 'rule', feed, rule, day, day + 7, 'low', field
        from warned
    )

select
    action_key,
    cause,
    {{ department_of("feed") }} as department,
    feed,
    subject,
    cast(since_date as date) as since_date,
    cast(due_date as date) as due_date,
    severity,
    detail
from wanted
-- a feed that left the city file is nobody's to mend
semi join feeds using (feed)
