{%- set groups = area_groups(area_kinds()) -%}
with
    months as (select distinct month from {{ ref("int_dates") }}),

    emergency_medians as (
        select
            area_code,
            {{ month_of("received_date") }} as month,
            {{ metric("median_response_minutes") }} as median_response_minutes
        from {{ ref("int_emergency_incidents_responded") }}
        group by all
    ),

    -- a lamp post without a date of installation has always stood there, in the area that was around it then
    lamp_posts as (
        select
            {{ placed("coalesce(posts.area_code, located.area_code)") }} as area_code,
            months.month,
            count(*) as lamp_post_count
        from {{ ref("stg_lamp_post") }} as posts
        inner join months on coalesce({{ month_of("posts.installed_date") }} <= months.month, true)
        left join
            {{ ref("int_points_located") }} as located
            on located.latitude = posts.latitude
            and located.longitude = posts.longitude
            and {{ holds_on("located", "months.month") }}
        group by all
    ),

    joined as (
        select
            area_code,
            month,
            areas.area_name,
            {% for group, columns in groups.items() if group != "none" %}
                -- where nothing of a kind is known in the whole city, a zero would claim calm
                {% for column in columns %}
                    case
                        when sum({{ columns[0] }}) over (partition by month) > 0
                        then coalesce({{ column }}, 0)
                    end as {{ column }},
                {% endfor %}
                {{ metric("placed_share", of=columns[0]) }} as {{ group }}_placed_share,
            {% endfor %}
            median_response_minutes,
            cast(lamp_post_count as bigint) as lamp_post_count,
            {{ metric("placed_share", of="lamp_post_count") }} as lamp_posts_placed_share,
            {% for column in groups.none %} {{ column }}, {% endfor %}
            {{ metric("placed_share", of="station_day_count") }} as station_days_placed_share,
            {{ metric("placed_share", of="lamp_night_count") }} as lamp_nights_placed_share,
            population,
            population_year,
            population_is_estimated
        from {{ ref("int_area_counts_monthly") }}
        left join {{ ref("int_areas") }} as areas using (area_code)
        left join emergency_medians using (area_code, month)
        left join lamp_posts using (area_code, month)
        left join {{ ref("int_area_populations_known") }} using (area_code, month)
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
