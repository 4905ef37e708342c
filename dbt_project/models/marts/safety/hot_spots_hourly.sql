-- windows are kept for a year; the two days before it are what its first windows are held against
with
    windows as (
        select
            kind,
            window_start_at,
            day,
            is_measured,
            row_number() over (partition by kind order by window_start_at) as window_number
        from {{ ref("int_windows_measured") }}
        where day > {{ local_date(as_of()) }} - 368
    ),

    seen as (
        select kind, area_code, category, window_number, count(*) as observed_count
        from {{ ref("emergency_incidents") }} as incidents
        inner join windows using (kind)
        where windows.window_start_at = {{ window_of("happened_at") }} and has_time
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

select kind, area_code, category, window_start_at, day, {{ hot_spot_columns() }}
from judged
where day > {{ local_date(as_of()) }} - 366
