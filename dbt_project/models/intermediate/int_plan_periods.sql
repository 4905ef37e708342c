-- what was promised for a period is what had been said by its last day, or else what was said first
with
    versions as (select * from {{ ref("int_plan_targets_versioned") }}),

    quarters as (select distinct department, measure_id, year, quarter, period_start_date from versions),

    periods as (
        select
            quarters.* exclude(period_start_date),
            parts.period_kind,
            cast(period_start_date + to_months(parts.first_month) as date) as start_date,
            cast(
                period_start_date + to_months(parts.first_month + parts.month_count) - interval 1 day as date
            ) as end_date
        from quarters
        cross join
            (values ('quarter', 0, 3), ('month', 0, 1), ('month', 1, 1), ('month', 2, 1)) as parts(
                period_kind, first_month, month_count
            )
    ),

    promised as (
        select
            periods.*,
            versions.target,
            versions.baseline,
            versions.direction,
            versions.unit_code,
            versions.accrual,
            versions.is_withdrawn,
            versions.version_number,
            cast(1 as bigint) as count_of_targets
        from periods
        inner join versions using (department, measure_id, year, quarter)
        where version_number = 1 or seen_date <= end_date
        qualify
            row_number() over (
                partition by department, measure_id, period_kind, start_date order by version_number desc
            )
            = 1
    ),

    -- words, owners and links are today's
    described as (
        select
            {{ department_of("_feed") }} as department,
            measure_id,
            arg_max(
                {
                    'goal':goal,
                    'measure_name':measure_name,
                    'department_code':department_code,
                    'owner_role':owner_role,
                    'metric_id':metric_id,
                    'budget_line_id':budget_line_id
                },
                (year, quarter, _loaded_at, _feed, _rec)
            ) as words
        from {{ source("records", "plan_target") }}
        group by all
    ),

    newest as (
        select department, measure_id, year, quarter, target as newest_target
        from versions
        where replaced_at is null
    )

select
    promised.department,
    promised.measure_id,
    promised.period_kind,
    promised.start_date,
    promised.end_date,
    promised.year,
    promised.quarter,
    words.goal as goal,
    words.measure_name as measure_name,
    words.department_code as department_code,
    words.owner_role as owner_role,
    words.metric_id as metric_id,
    words.budget_line_id as budget_line_id,
    promised.unit_code,
    promised.direction,
    promised.accrual,
    promised.baseline,
    promised.version_number,
    case
        when promised.period_kind = 'month' and promised.accrual = 'sum'
        then {{ metric("plan_of_month") }}
        else promised.target
    end as planned,
    newest.newest_target is distinct from promised.target as is_target_changed_since,
    cast(promised.end_date + to_days(cast(calendar.report_due_days as integer)) as date) as report_due_date,
    cast(promised.end_date + to_days(cast(calendar.closing_days as integer)) as date) as closing_date
from promised
inner join {{ ref("plan_calendar") }} as calendar using (period_kind)
inner join described using (department, measure_id)
inner join newest using (department, measure_id, year, quarter)
where not promised.is_withdrawn
