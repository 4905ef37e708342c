with
    requests as (select * from {{ ref("int_service_requests_classified") }}),

    counted as (select * from requests where counting_class = 'counted'),

    opened as (
        select
            department,
            service_code,
            {{ month_of("opened_date") }} as month,
            count(*) as request_count,
            count(*) filter (counting_class = 'counted') as counted_count,
            count(*) filter (counting_class = 'counted' and not has_target) as no_target_count,
            count(*) filter (counting_class = 'duplicate') as duplicate_count,
            count(*) filter (counting_class = 'internal') as internal_count,
            count(*) filter (counting_class = 'cancelled') as cancelled_count,
            count(*) filter (has_contradiction) as contradiction_count,
            count(*) filter (
                counting_class = 'counted' and is_closed_without_time
            ) as closed_without_time_count,
            count(*) filter (is_date_only) as date_only_count
        from requests
        group by all
    ),

    closed as (
        select
            department,
            service_code,
            {{ month_of("closed_date") }} as month,
            count(*) as closed_count,
            count(*) filter (is_instant) as instant_count,
            count(*) filter (not has_fix_evidence) as without_fix_evidence_count,
            count(*) filter (outcome = 'referred') as referred_count,
            count(outcome) as outcomes_told
        from counted
        where closed_date is not null
        group by all
    ),

    first_closed as (
        select
            department,
            service_code,
            {{ month_of(local_date("first_closed_at")) }} as month,
            count(*) as first_closed_count,
            count(*) filter (
                first_reopened_at <= first_closed_at + interval '{{ var("reopening_days") }} days'
            ) as reopened_count
        from counted
        where first_closed_at is not null
        group by all
    ),

    due as (
        select
            department,
            service_code,
            {{ month_of("due_date") }} as month,
            count(*) as due_count,
            count(*) filter (is_due_on_time) as due_on_time_count,
            count(*) filter (not is_instant) as strict_due_count,
            count(*) filter (is_strictly_on_time and not is_instant) as strict_due_on_time_count
        from counted
        where is_due
        group by all
    ),

    joined as (
        select
            department,
            service_code,
            month,
            coalesce(request_count, 0) as request_count,
            coalesce(counted_count, 0) as counted_count,
            coalesce(no_target_count, 0) as no_target_count,
            coalesce(duplicate_count, 0) as duplicate_count,
            coalesce(internal_count, 0) as internal_count,
            coalesce(cancelled_count, 0) as cancelled_count,
            coalesce(contradiction_count, 0) as contradiction_count,
            coalesce(closed_without_time_count, 0) as closed_without_time_count,
            coalesce(date_only_count, 0) as date_only_count,
            coalesce(closed_count, 0) as closed_count,
            coalesce(instant_count, 0) as instant_count,
            coalesce(sum(outcomes_told) over of_department > 0, false) as is_resolving_measured,
            coalesce(without_fix_evidence_count, 0) as without_fix_evidence_count,
            coalesce(referred_count, 0) as referred_count,
            month + interval 1 month + interval '{{ var("reopening_days") }} days'
            <= {{ local_date(as_of()) }} as is_reopening_known,
            coalesce(first_closed_count, 0) as first_closed_count,
            coalesce(reopened_count, 0) as reopened_count,
            coalesce(due_count, 0) as due_count,
            coalesce(due_on_time_count, 0) as due_on_time_count,
            coalesce(strict_due_count, 0) as strict_due_count,
            coalesce(strict_due_on_time_count, 0) as strict_due_on_time_count
        from opened
        full join closed using (department, service_code, month)
        full join first_closed using (department, service_code, month)
        full join due using (department, service_code, month)
        window of_department as (partition by department, month)
    ),

    known as (
        select
            * replace (
                case
                    when is_resolving_measured then without_fix_evidence_count
                end as without_fix_evidence_count,
                case when is_resolving_measured then referred_count end as referred_count,
                case when is_reopening_known then reopened_count end as reopened_count
            )
        from joined
    )

select
    department,
    service_code,
    services.service_name,
    month,
    request_count,
    counted_count,
    {{ metric("share_of_requests", of="counted_count") }} as counted_share,
    no_target_count,
    {{ metric("no_target_share") }} as no_target_share,
    duplicate_count,
    {{ metric("share_of_requests", of="duplicate_count") }} as duplicate_share,
    internal_count,
    {{ metric("share_of_requests", of="internal_count") }} as internal_share,
    cancelled_count,
    {{ metric("share_of_requests", of="cancelled_count") }} as cancelled_share,
    contradiction_count,
    {{ metric("share_of_requests", of="contradiction_count") }} as contradiction_share,
    closed_without_time_count,
    date_only_count,
    {{ metric("share_of_requests", of="date_only_count") }} as date_only_share,
    closed_count,
    instant_count,
    {{ metric("share_of_closed", of="instant_count") }} as instant_share,
    is_resolving_measured,
    without_fix_evidence_count,
    {{ metric("share_of_closed", of="without_fix_evidence_count") }} as without_fix_evidence_share,
    referred_count,
    {{ metric("share_of_closed", of="referred_count") }} as referred_share,
    is_reopening_known,
    first_closed_count,
    reopened_count,
    {{ metric("reopened_share") }} as reopened_share,
    due_count,
    due_on_time_count,
    {{ metric("due_on_time_share") }} as due_on_time_share,
    strict_due_count,
    strict_due_on_time_count,
    {{ metric("strict_on_time_share") }} as strict_on_time_share
from known
inner join {{ ref("int_services") }} as services using (department, service_code)
