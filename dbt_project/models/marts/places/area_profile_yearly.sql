{%- set groups = area_groups(area_kinds()) -%}
with
    years as (
        select year, max(month) as last_month, max(day) = make_date(year, 12, 31) as is_whole_year
        from {{ ref("int_dates") }}
        group by year
    ),

    counts as (
        select
            area_code,
            year(month) as year,
            {% for columns in groups.values() %}
                {%- set last_group = loop.last -%}
                {% for column in columns %}
                    cast(
                        sum({{ column }}) as bigint
                    ) as {{ column }} {{- "," if not (last_group and loop.last) }}
                {% endfor %}
            {% endfor %}
        from {{ ref("int_area_counts_monthly") }}
        group by all
    ),

    emergency_medians as (
        select
            area_code,
            year(received_date) as year,
            {{ metric("median_response_minutes") }} as median_response_minutes
        from {{ ref("int_emergency_incidents_responded") }}
        group by all
    ),

    lamp_posts as (
        select area_code, year(month) as year, lamp_post_count, lamp_posts_placed_share
        from {{ ref("area_profile_monthly") }}
        semi join years on years.last_month = month
    ),

    -- the newest count that the year could know, as its last month does
    residents as (
        select area_code, year(month) as year, population, population_year, population_is_estimated
        from {{ ref("int_area_populations_known") }}
        semi join years on years.last_month = month
    ),

    -- a figure is of the borders that held when it was counted; of several in a year the last is named
    borders as (
        select
            boundaries.area_code,
            years.year,
            max(valid_from) as boundary_date,
            coalesce(bool_or(year(valid_from) = years.year), false) as has_boundary_change
        from {{ ref("int_area_boundaries") }} as boundaries
        inner join years on coalesce(year(boundaries.valid_from) <= years.year, true)
        group by all
    ),

    joined as (
        select
            area_code,
            year,
            areas.area_name,
            is_whole_year,
            {% for group, columns in groups.items() if group != "none" %}
                -- where nothing of a kind is known in the whole city, a zero would claim calm
                {% for column in columns %}
                    case
                        when sum({{ columns[0] }}) over (partition by year) > 0 then coalesce({{ column }}, 0)
                    end as {{ column }},
                {% endfor %}
                {{ metric("yearly_placed_share", of=columns[0]) }} as {{ group }}_placed_share,
            {% endfor %}
            median_response_minutes,
            lamp_post_count,
            lamp_posts_placed_share,
            {% for column in groups.none %} {{ column }}, {% endfor %}
            {{ metric("yearly_placed_share", of="station_day_count") }} as station_days_placed_share,
            {{ metric("yearly_placed_share", of="lamp_night_count") }} as lamp_nights_placed_share,
            population,
            population_year,
            population_is_estimated,
            boundary_date,
            has_boundary_change
        from counts
        inner join years using (year)
        left join {{ ref("int_areas") }} as areas using (area_code)
        left join emergency_medians using (area_code, year)
        left join lamp_posts using (area_code, year)
        left join residents using (area_code, year)
        left join borders using (area_code, year)
    )

select
    *,
    {{ metric("due_on_time_share") }} as due_on_time_share,
    {{ metric("inspection_failed_share") }} as inspection_failed_share,
    {{ metric("sensor_uptime_share") }} as sensor_uptime_share,
    {% for group, columns in groups.items() if group != "none" %}
        {{ metric("per_10k", of=columns[0]) }} as {{ group }}_per_10k,
    {% endfor %}
    {{ metric("per_10k", of="payment_cents") }} as payment_cents_per_10k
from joined
where area_code <> 'unplaced'
