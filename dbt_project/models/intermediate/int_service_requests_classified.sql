{{
    config(
        meta={
            "parts": {
                "by": ["feed", "request_id"],
                "of": {
                    "stg_service_request": ["feed", "request_id"],
                    "int_service_requests_traced": ["feed", "request_id"],
                },
                "waiting": "status = 'open' or not is_due",
            }
        }
    )
}}

with
    requests as (
        select
            feed,
            request_id,
            {{ department_of("feed") }} as department,
            service_code,
            {{ placed("area_code") }} as area_code,
            status,
            requested_at,
            updated_at,
            expected_at,
            outcome,
            {{ local_date("requested_at") }} as opened_date,
            -- a time of closing says nothing about a request that was opened again
            case when status = 'closed' and closed_at <= {{ as_of() }} then closed_at end as closed_at,
            (status = 'closed') <> (closed_at is not null) as has_contradiction,
            case
                when status = 'cancelled'
                then 'status_cancelled'
                when is_duplicate
                then 'marked_duplicate'
                when parent_request_id is not null
                then 'has_parent'
                when channel = 'internal'
                then 'internal_channel'
                else 'none_of_these'
            end as counting_rule
        from {{ ref("stg_service_request") }}
    ),

    followed as (
        select
            requests.*,
            case
                counting_rule
                when 'status_cancelled'
                then 'cancelled'
                when 'marked_duplicate'
                then 'duplicate'
                when 'has_parent'
                then 'duplicate'
                when 'internal_channel'
                then 'internal'
                else 'counted'
            end as counting_class,
            traced.answered_at,
            -- who closes has answered
            least(traced.answered_at, traced.first_closed_at) as first_answered_at,
            traced.first_closed_at,
            traced.first_reopened_at,
            coalesce(traced.reopened_count, 0) as reopened_count,
            targets.due_date as table_due_date,
            coalesce(targets.is_ambiguous, false) as is_target_ambiguous
        from requests
        left join {{ ref("int_service_requests_traced") }} as traced using (feed, request_id)
        left join
            {{ ref("int_service_targets_applied") }} as targets
            on requests.expected_at is null
            and targets.department = requests.department
            and targets.service_code = requests.service_code
            and targets.opened_date = requests.opened_date
    ),

    dated as (
        select
            *,
            {{ local_date("closed_at") }} as closed_date,
            coalesce({{ local_date("expected_at") }}, table_due_date) as due_date,
            -- when it was closed, and so whether in time, nobody can tell
            status = 'closed' and closed_at is null as is_closed_without_time,
            -- midnight is how systems write a date without a time: such a target holds until the day ends
            case
                when expected_at is null
                then {{ instant_of("table_due_date + interval 1 day") }} - interval 1 microsecond
                when cast({{ local_time("expected_at") }} as time) = time '00:00:00'
                then
                    {{ instant_of(local_time("expected_at") ~ " + interval 1 day") }} - interval 1 microsecond
                else expected_at
            end as deadline_at,
            case
                when expected_at is not null
                then 'record'
                when table_due_date is not null
                then 'service_table'
                when is_target_ambiguous
                then 'ambiguous'
                else 'none'
            end as target_source,
            cast({{ local_time("requested_at") }} as time) = time '00:00:00'
            or coalesce(cast({{ local_time("closed_at") }} as time) = time '00:00:00', false) as is_date_only,
            requested_at + interval '{{ var("answer_hours") }} hours' as answer_limit_at
        from followed
    ),

    measured as (
        select
            *,
            deadline_at is not null as has_target,
            -- complete minutes that passed in the real world, whatever the clocks did; a date says nothing of
            -- those of its own day
            case
                when not (is_date_only and closed_date = opened_date)
                then date_sub('minute', requested_at, closed_at)
            end as minutes_to_close,
            closed_at <= deadline_at as is_closed_on_time,
            coalesce(deadline_at <= {{ as_of() }} and not is_closed_without_time, false) as is_due,
            coalesce(status = 'open' and deadline_at < {{ as_of() }}, false) as is_overdue
        from dated
    )

select
    * exclude (table_due_date, is_target_ambiguous),
    case when is_due then coalesce(is_closed_on_time, false) end as is_due_on_time,
    -- nothing can be said of the minutes where a stamp is a date only
    coalesce(minutes_to_close < {{ var("instant_minutes") }} and not is_date_only, false) as is_instant,
    case when status = 'closed' then outcome is not distinct from 'fixed' end as has_fix_evidence,
    case when is_due then is_due_on_time and reopened_count = 0 end as is_strictly_on_time,
    case
        when first_answered_at <= answer_limit_at then true when answer_limit_at <= {{ as_of() }} then false
    end as is_answered_in_limit,
    -- a request closed or cancelled without a time stopped waiting by its last update at the latest
    case
        when status <> 'open'
        then greatest(opened_date, coalesce(closed_date, {{ local_date("updated_at") }}, opened_date))
    end as ended_date
from measured
