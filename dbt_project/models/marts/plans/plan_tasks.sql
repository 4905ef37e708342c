with
    tasks as (
        select {{ department_of("feed") }} as department, * exclude(feed)
        from {{ ref("stg_plan_task") }}
        -- where two feeds of a department tell of a task, the one that was loaded last is believed
        qualify
            row_number() over (
                partition by {{ department_of("feed") }}, task_id
                order by updated_at desc nulls last, _loaded_at desc, feed
            )
            = 1
    ),

    timed as (
        select
            *,
            status in ('planned', 'in_progress') as is_open,
            date_diff(
                'day',
                due_date,
                case
                    when status = 'done'
                    then coalesce(done_date, {{ local_date("updated_at") }})
                    when status <> 'cancelled'
                    then {{ local_date(as_of()) }}
                end
            ) as days_after_due
        from tasks
    ),

    measured as (
        select
            * exclude(days_after_due),
            -- greatest() of a blank would be 0: done in time
            case when days_after_due is not null then greatest(days_after_due, 0) end as overdue_days
        from timed
    ),

    steps as (
        select
            department,
            task_id,
            max_by(escalation_level, overdue_steps.overdue_days) as escalation_level,
            max_by(informs, overdue_steps.overdue_days) as informs
        from measured
        inner join
            {{ ref("escalation_steps") }} as overdue_steps
            on measured.overdue_days >= overdue_steps.overdue_days
        where is_open
        group by all
    )

select
    department,
    task_id,
    task_name,
    measure_id,
    goal,
    is_milestone,
    department_code,
    owner_role,
    status,
    due_date,
    done_date,
    updated_at,
    case
        when status = 'cancelled'
        then 'cancelled'
        when status = 'done'
        then
            case
                when overdue_days is null
                then 'done_undated'
                when overdue_days > 0
                then 'done_late'
                else 'done'
            end
        when overdue_days > 0
        then 'overdue'
        else 'open'
    end as state,
    overdue_days,
    coalesce(escalation_level, 0) as escalation_level,
    informs
from measured
left join steps using (department, task_id)
