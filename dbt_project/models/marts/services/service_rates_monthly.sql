with
    counted as (select * from {{ ref("int_service_requests_classified") }} where counting_class = 'counted'),

    assigned as (
        select
            department,
            service_code,
            {{ month_of("opened_date") }} as month,
            count(*) as assigned_count,
            count(*) filter (status = 'open') as open_count,
            count(is_answered_in_limit) as answer_due_count,
            count(*) filter (is_answered_in_limit) as answered_in_limit_count,
            count(answered_at) as answers_told,
            count(*) filter (has_fix_evidence) as resolved_count,
            count(outcome) as outcomes_told
        from counted
        group by all
    ),

    closed as (
        select department, service_code, {{ month_of("closed_date") }} as month, count(*) as closed_count
        from counted
        where closed_date is not null
        group by all
    ),

    rated as (
        select
            {{ department_of("feed") }} as department,
            service_code,
            {{ month_of("month") }} as month,
            count(*) as rating_count,
            count(*) filter (satisfaction >= {{ var("satisfied_from") }}) as satisfied_count
        from {{ ref("stg_service_rating") }}
        group by all
    ),

    joined as (
        select
            department,
            service_code,
            month,
            coalesce(assigned_count, 0) as assigned_count,
            coalesce(open_count, 0) as open_count,
            coalesce(closed_count, 0) as closed_count,
            coalesce(answer_due_count, 0) as answer_due_count,
            coalesce(answered_in_limit_count, 0) as answered_in_limit_count,
            coalesce(resolved_count, 0) as resolved_count,
            coalesce(rating_count, 0) as rating_count,
            coalesce(satisfied_count, 0) as satisfied_count,
            -- what a department tells of no request of a month was not measured; a zero would accuse it
            coalesce(sum(answers_told) over of_department > 0, false) as is_answering_measured,
            coalesce(sum(outcomes_told) over of_department > 0, false) as is_resolving_measured,
            coalesce(sum(rating_count) over of_department > 0, false) as is_satisfaction_measured
        from assigned
        full join closed using (department, service_code, month)
        full join rated using (department, service_code, month)
        window of_department as (partition by department, month)
    ),

    measured as (
        select
            department,
            service_code,
            month,
            assigned_count,
            open_count,
            closed_count,
            is_answering_measured,
            case when is_answering_measured then answer_due_count end as answer_due_count,
            case when is_answering_measured then answered_in_limit_count end as answered_in_limit_count,
            is_resolving_measured,
            case when is_resolving_measured then resolved_count end as resolved_count,
            is_satisfaction_measured,
            case when is_satisfaction_measured then rating_count end as rating_count,
            satisfied_count
        from joined
    )

select
    department,
    service_code,
    coalesce(services.service_name, service_code) as service_name,
    month,
    {{ month_of(local_date(as_of())) }} > month as is_month_over,
    assigned_count,
    open_count,
    closed_count,
    is_answering_measured,
    answer_due_count,
    answered_in_limit_count,
    {{ metric("answered_share") }} as answered_share,
    is_resolving_measured,
    resolved_count,
    {{ metric("resolved_share") }} as resolved_share,
    is_satisfaction_measured,
    rating_count,
    {{ metric("response_share") }} as response_share,
    {{ metric("satisfied_ratings") }} as satisfied_count,
    {{ metric("satisfied_share") }} as satisfied_share,
    {{ metric("satisfied_share_low") }} as satisfied_low_share,
    {{ metric("satisfied_share_high") }} as satisfied_high_share
from measured
left join {{ ref("int_services") }} as services using (department, service_code)
