{#- The three hours of an instant, by the instant at which they began; they do not follow the clocks' changes. -#}
{% macro window_of(instant) -%} time_bucket(interval 3 hours, {{ instant }}) {%- endmacro %}


{#-
What each window of a series is held against: the CTEs from `windows` and `seen` to `framed`.

`windows` has one row for each kind and window, with `window_number`, which counts up by one, and `is_measured`; `seen` one
for each kind, area, category and window in which something was observed, with `observed_count`. `framed` adds the category
`all` of each area, which has a row for every window.

The method is C2 of the Early Aberration Reporting System: a window is held against the seven that ended two windows before
it, so that a burst that goes on does not hide itself. Few events make chance look large, so there must be five, and the window
before must be out of the ordinary too. What is seen can only become more: a burst is one although the window was not
measured to its end, but calm is unknown then.
-#}
{% macro baselines_framed() -%}
    measured as (
        select
            *,
            count(*) filter (is_measured) over (
                partition by kind order by window_number range between 9 preceding and 3 preceding
            ) as baseline_window_count,
            lag(is_measured) over (partition by kind order by window_number) as was_measured
        from windows
    ),

    places as (
        select area_code
        from {{ ref("int_areas") }}
        union
        select 'unplaced'
        union
        select area_code
        from seen
    ),

    counted as (
        select kind, area_code, category, window_number, observed_count
        from seen
        union all
        select windows.kind, places.area_code, 'all', windows.window_number, coalesce(sum(observed_count), 0)
        from windows
        cross join places
        left join seen using (kind, area_code, window_number)
        group by all
    ),

    held as (
        select
            measured.*,
            area_code,
            category,
            cast(observed_count as bigint) as observed_count,
            cast(
                coalesce(sum(observed_count) filter (is_measured) over seven, 0) as bigint
            ) as baseline_count,
            cast(
                coalesce(sum(observed_count * observed_count) filter (is_measured) over seven, 0) as bigint
            ) as baseline_square_count
        from counted
        inner join measured using (kind, window_number)
        window
            seven as (
                partition by kind, area_code, category
                order by window_number
                range between 9 preceding and 3 preceding
            )
    ),

    framed as (
        select held.*, known.population, known.population_year, known.population_is_estimated
        from held
        left join
            {{ ref("int_area_populations_known") }} as known
            on known.area_code = held.area_code
            and known.month = {{ month_of("held.day") }}
    )
{%- endmacro %}


{#-
Which of the windows `scored`, that have their metrics expected_count and burst_z, are hot spots: the CTEs from there to
`judged`.
-#}
{% macro hot_spots_judged() -%}
    exceeding as (
        select
            *,
            case
                when is_measured or (burst_z > 3 and observed_count >= 5)
                then burst_z > 3 and observed_count >= 5
            end as is_exceeded
        from scored
    ),

    -- where a category has no row of the window before, nothing was observed in it
    judged as (
        select
            *,
            is_exceeded
            and case
                when lag(window_number) over series = window_number - 1
                then lag(is_exceeded) over series
                when was_measured
                then false
            end as is_flagged
        from exceeding
        window series as (partition by kind, area_code, category order by window_number)
    )
{%- endmacro %}


{#- The columns with which a mart of hot spots ends. -#}
{% macro hot_spot_columns() -%}
    observed_count,
    is_measured,
    baseline_window_count,
    baseline_count,
    baseline_square_count,
    expected_count,
    burst_z,
    is_exceeded,
    is_flagged,
    population,
    population_year,
    population_is_estimated,
    observed_per_1k
{%- endmacro %}
