with
    data_sets as (
        select feed, title_en, title_zh, steward, legal_basis
        from {{ source("ops", "feed") }}
        union all
        select feed, title_en, title_zh, steward, legal_basis
        from {{ source("ops", "expected_data") }}
    ),

    accepted as (
        select action_key, accepted_at, accepted_by
        from {{ source("ops", "action") }}
        where accepted_at is not null
    )

select
    gaps.gap_key,
    gaps.kind,
    gaps.department,
    gaps.feed,
    gaps.detail,
    data_sets.title_en,
    data_sets.title_zh,
    coalesce(data_sets.steward, departments.steward) as owner,
    data_sets.legal_basis,
    gaps.first_date,
    gaps.last_date,
    gaps.period_count,
    gaps.areas,
    gaps.expected_slice_count,
    gaps.covered_slice_count,
    {{ metric("gap_coverage_share") }} as coverage_share,
    gaps.due_date,
    case
        when filled_at is not null then 'filled' when accepted_at is not null then 'accepted' else 'open'
    end as state,
    {{ local_date("filled_at") }} as filled_date,
    gaps.filled_by,
    -- what is not measured is late for nothing
    case
        when kind <> 'not_measured'
        then date_diff('day', due_date, coalesce({{ local_date("filled_at") }}, {{ local_date(as_of()) }}))
    end as days_late,
    accepted.accepted_by
from {{ ref("int_gaps_found") }} as gaps
left join data_sets using (feed)
left join {{ source("ops", "department") }} as departments on departments.department = gaps.department
left join accepted on accepted.action_key = 'gap.' || gaps.gap_key
