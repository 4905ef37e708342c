select
    department,
    measure_id,
    year,
    quarter,
    version_number,
    period_start_date,
    period_end_date,
    change_kind,
    target,
    case when change_kind = 'changed' then previous_target end as previous_target,
    unit_code,
    direction,
    accrual,
    baseline,
    adopted_date,
    reason,
    seen_at,
    seen_date,
    replaced_at,
    replaced_at is null as is_newest,
    -- what the city first heard of late was not changed late
    version_number > 1 and seen_date > period_end_date as is_rewritten_after_period,
    version_number > 1
    and seen_date > period_end_date
    and coalesce(adopted_date <= period_end_date, false) as is_said_to_be_earlier
from {{ ref("int_plan_targets_versioned") }}
