with
    today as (select {{ local_date(as_of()) }} as day),

    -- the period that is still running is not judged
    joined as (
        select
            periods.*,
            actuals.* exclude(department, measure_id, period_kind, start_date),
            standards.* exclude(direction)
        from {{ ref("int_plan_periods") }} as periods
        inner join
            {{ ref("int_plan_actuals") }} as actuals using (department, measure_id, period_kind, start_date)
        inner join {{ ref("plan_standards") }} as standards using (direction)
        where periods.end_date < (select day from today)
    ),

    measured as (
        select
            *,
            cast(actual is not null as bigint) as count_of_actuals,
            -- how far the figure is short of the plan, in the measure's own unit; figures carry six places
            round(
                case
                    direction
                    when 'up'
                    then greatest(planned - actual, 0)
                    when 'down'
                    then greatest(actual - planned, 0)
                    else abs(actual - planned)
                end,
                6
            ) as short_by
        from joined
    ),

    judged as (
        select
            *,
            case
                when not is_known
                then 'unknown_metric'
                when not is_ready
                then 'data_not_ready'
                when not is_covered
                then 'data_begin_later'
                when actual is null and actual_source = 'metric'
                then 'too_few'
                when actual is null and report_due_date >= (select day from today)
                then 'report_not_due'
                when actual is null and reported_month_count > 0
                then 'month_not_entered'
                when actual is null
                then 'not_entered'
                when short_by <= round(on_track_tolerance * abs(planned), 6)
                then 'reached'
                when short_by <= round(behind_tolerance * abs(planned), 6)
                then 'missed_by_little'
                else 'missed_by_much'
            end as rule
        from measured
    ),

    stated as (
        select
            *,
            case
                when rule in ('unknown_metric', 'data_not_ready', 'data_begin_later', 'too_few')
                then 'not_assessable'
                when rule = 'report_not_due'
                then 'not_due'
                when rule in ('month_not_entered', 'not_entered')
                then 'not_reported'
                when rule = 'reached'
                then 'on_track'
                when rule = 'missed_by_little'
                then 'behind'
                else 'off_track'
            end as state
        from judged
    ),

    -- the same period of the year before, or else the period before
    comparable as (
        select
            current.department,
            current.measure_id,
            current.period_kind,
            current.start_date,
            arg_max(
                {'start_date':earlier.start_date, 'actual':earlier.actual},
                (earlier.start_date = current.start_date - interval 1 year, earlier.start_date)
            ) as earlier
        from measured as current
        inner join
            measured as earlier
            on earlier.department = current.department
            and earlier.measure_id = current.measure_id
            and earlier.period_kind = current.period_kind
            and earlier.unit_code = current.unit_code
            and earlier.actual is not null
            and (
                earlier.start_date = current.start_date - interval 1 year
                or earlier.end_date = current.start_date - interval 1 day
            )
        group by all
    )

select
    department,
    measure_id,
    period_kind,
    start_date,
    end_date,
    year,
    quarter,
    measure_name,
    goal,
    department_code,
    owner_role,
    budget_line_id,
    unit_code,
    direction,
    accrual,
    baseline,
    planned,
    version_number as target_version_number,
    is_target_changed_since,
    actual_source,
    metric_id,
    actual,
    {{ metric("attainment_share") }} as attainment_share,
    state,
    rule,
    comparable.earlier.start_date as compared_with_date,
    case
        when state not in ('on_track', 'behind', 'off_track') or earlier is null
        then null
        when actual = earlier.actual
        then 'same'
        when direction = 'keep'
        then case when abs(actual - planned) <= abs(earlier.actual - planned) then 'better' else 'worse' end
        when (actual > earlier.actual) = (direction = 'up')
        then 'better'
        else 'worse'
    end as trend,
    report_due_date,
    reported_date,
    first_reported_date,
    case
        when state in ('not_assessable', 'not_due') or actual_source = 'metric'
        then null
        when actual is null
        then date_diff('day', report_due_date, (select day from today))
        else greatest(date_diff('day', report_due_date, first_reported_date), 0)
    end as late_days,
    closing_date
from stated
left join comparable using (department, measure_id, period_kind, start_date)
