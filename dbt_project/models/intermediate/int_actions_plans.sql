with
    unreported as (
        select
            department,
            measure_id,
            any_value(measure_name) as measure_name,
            any_value(owner_role) as owner_role,
            min(start_date) as first_date,
            max(start_date) as last_date,
            count(*) as month_count,
            min(report_due_date) as due_date,
            max(late_days) as late_days
        from {{ ref("plan_progress") }}
        -- a quarter is made of its months, so asking for these is enough
        where state = 'not_reported' and period_kind = 'month'
        group by all
    ),

    overdue as (
        select
            'plan_report:' || department || ':' || measure_id || ':' || first_date as action_key,
            'missing' as cause,
            department,
            measure_id || ' ' || measure_name as subject,
            due_date,
            late_days as overdue_days,
            'No figure was entered for '
            || month_count
            || ' month(s), '
            || strftime(first_date, '%Y-%m')
            || ' to '
            || strftime(last_date, '%Y-%m')
            || coalesce('; owner: ' || owner_role, '') as detail
        from unreported
        union all
        select
            'plan_task:' || department || ':' || task_id,
            'late',
            department,
            task_id || ' ' || task_name,
            due_date,
            overdue_days,
            'The task was to be done by ' || due_date || coalesce('; owner: ' || owner_role, '')
        from {{ ref("plan_tasks") }}
        where state = 'overdue'
    )

select
    overdue.action_key,
    overdue.cause,
    overdue.department,
    cast(null as varchar) as feed,
    overdue.subject,
    cast(overdue.due_date + 1 as date) as since_date,
    overdue.due_date,
    coalesce(max(steps.escalation_level), 0) as severity,
    overdue.detail
from overdue
left join {{ ref("escalation_steps") }} as steps on overdue.overdue_days >= steps.overdue_days
group by all
