with
    windows as (
        select
            kind,
            day,
            bool_and(is_read) as is_measured,
            date_diff('day', date '2000-01-01', day) as window_number
        from {{ ref("int_windows_measured") }}
        group by all
    ),

    seen as (
        select
            kind,
            area_code,
            category,
            date_diff('day', date '2000-01-01', happened_date) as window_number,
            count(*) as observed_count
        from {{ ref("emergency_incidents") }}
        group by all
    ),

    {{ baselines_framed() }},

    scored as (
        select
            *,
            {{ metric("expected_count") }} as expected_count,
            {{ metric("burst_z") }} as burst_z,
            {{ metric("observed_per_1k", of="observed_count") }} as observed_per_1k
        from framed
    ),

    {{ hot_spots_judged() }}

select kind, area_code, category, day, {{ hot_spot_columns() }}
from judged
