with
    grouped as (
        select 'city' as grouping_kind, 'all' as grouping_code, *
        from {{ ref("plan_progress") }}
        union all
        select 'department', department_code, *
        from {{ ref("plan_progress") }}
        union all
        select 'goal', coalesce(goal, 'none'), *
        from {{ ref("plan_progress") }}
    ),

    counted as (
        select
            department,
            grouping_kind,
            grouping_code,
            period_kind,
            start_date,
            end_date,
            count(*) as measure_count,
            {% for state in [
                "on_track",
                "behind",
                "off_track",
                "not_reported",
                "not_assessable",
                "not_due",
            ] %}
                count(*) filter (state = '{{ state }}') as {{ state }}_count,
            {% endfor %}
            count(*) filter (state not in ('not_assessable', 'not_due')) as due_count,
            count(*) filter (late_days > 0) as late_count
        from grouped
        group by all
    )

select *, {{ metric("on_track_share") }} as on_track_share
from counted
