with
    lines as (
        select
            budget_line_id,
            min(
                {
                    'fiscal_year':fiscal_year,
                    'department_code':department_code,
                    'programme_code':programme_code
                }
            ) as place
        from {{ ref("int_budget_lines_numbered") }}
        group by all
    ),

    measures as (
        select
            lines.place.fiscal_year as fiscal_year,
            lines.place.department_code as department_code,
            lines.place.programme_code as programme_code,
            progress.start_date as month,
            count(*) as measure_count,
            count(*) filter (state = 'on_track') as on_track_count,
            count(*) filter (state not in ('not_assessable', 'not_due')) as due_count,
            count(*) filter (state = 'not_reported') as not_reported_count,
            count(*) filter (state = 'not_assessable') as not_assessable_count,
            list_sort(list(distinct goal)) as goals
        from {{ ref("plan_progress") }} as progress
        inner join lines using (budget_line_id)
        where period_kind = 'month'
        group by all
    )

select
    spending.fiscal_year,
    spending.department_code,
    spending.programme_code,
    spending.programme_name,
    spending.month,
    spending.budget_cents,
    spending.committed_to_date_cents,
    spending.paid_to_date_cents,
    spending.execution_share,
    spending.expected_share,
    coalesce(measures.goals, []) as goals,
    coalesce(measures.measure_count, 0) as measure_count,
    coalesce(measures.due_count, 0) as due_count,
    coalesce(measures.on_track_count, 0) as on_track_count,
    coalesce(measures.not_reported_count, 0) as not_reported_count,
    coalesce(measures.not_assessable_count, 0) as not_assessable_count,
    {{ metric("on_track_share") }} as on_track_share
from {{ ref("spending_monthly") }} as spending
inner join
    (select distinct fiscal_year, department_code, programme_code from measures) as linked using (
        fiscal_year, department_code, programme_code
    )
left join measures using (fiscal_year, department_code, programme_code, month)
