{%- set counts = {
    "requests": ["request_count", "counted_request_count", "due_count", "due_on_time_count"],
    "incidents": ["incident_count"],
    "emergency_incidents": ["emergency_incident_count"],
    "issued_permits": ["issued_permit_count"],
    "inspections": ["inspection_count", "inspection_failed_count"],
    "payments": ["payment_count", "payment_cents"],
    "opinion_items": ["opinion_item_count"],
} -%}
with
    months as (select distinct month from {{ ref("int_dates") }}),

    places as (
        select area_code, area_name
        from {{ ref("int_areas") }}
        union all
        select 'unplaced', null
    ),

    opened as (
        select
            area_code,
            {{ month_of("opened_date") }} as month,
            count(*) as request_count,
            count(*) filter (counting_class = 'counted') as counted_request_count
        from {{ ref("int_service_requests_classified") }}
        group by all
    ),

    due as (
        select
            area_code,
            {{ month_of("due_date") }} as month,
            count(*) as due_count,
            count(*) filter (is_due_on_time) as due_on_time_count
        from {{ ref("int_service_requests_classified") }}
        where counting_class = 'counted' and is_due
        group by all
    ),

    requests as (select * from opened full join due using (area_code, month)),

    incidents as (
        select
            {{ placed("area_code") }} as area_code,
            {{ month_of(local_date("occurred_at")) }} as month,
            count(*) as incident_count
        from {{ ref("stg_incident") }}
        group by all
    ),

    emergency_incidents as (
        select
            area_code,
            {{ month_of("received_date") }} as month,
            count(*) as emergency_incident_count,
            {{ metric("median_response_minutes") }} as median_response_minutes
        from {{ ref("int_emergency_incidents_responded") }}
        group by all
    ),

    issued_permits as (
        select
            {{ placed("area_code") }} as area_code,
            {{ month_of("issued_date") }} as month,
            count(*) as issued_permit_count
        from {{ ref("stg_permit") }}
        where issued_date is not null
        group by all
    ),

    inspections as (
        select
            area_code,
            {{ month_of("inspection_date") }} as month,
            count(*) as inspection_count,
            count(*) filter (is_failed) as inspection_failed_count
        from {{ ref("int_inspections_placed") }}
        group by all
    ),

    payments as (
        select
            {{ placed("area_code") }} as area_code,
            {{ month_of("paid_date") }} as month,
            count(*) as payment_count,
            cast(sum(amount_cents) as bigint) as payment_cents
        from {{ ref("stg_payment") }}
        group by all
    ),

    opinion_items as (
        select
            {{ placed("area_code") }} as area_code,
            {{ month_of(local_date("published_at")) }} as month,
            count(*) as opinion_item_count
        from {{ ref("stg_opinion_item") }}
        group by all
    ),

    stations as (
        select
            area_code,
            month,
            count(*) as station_day_count,
            count(*) filter (is_reporting) as reporting_day_count
        from {{ ref("int_base_stations_reported") }}
        group by all
    ),

    posts_added as (
        select
            {{ placed("coalesce(posts.area_code, located.area_code)") }} as area_code,
            {{ month_of("installed_date") }} as month,
            count(*) as post_count
        from {{ ref("stg_lamp_post") }} as posts
        left join {{ ref("int_points_located") }} as located using (latitude, longitude)
        group by all
    ),

    -- a lamp post without a date of installation has always stood there
    lamp_posts as (
        select posts_added.area_code, months.month, sum(post_count) as lamp_post_count
        from posts_added
        inner join months on coalesce(posts_added.month <= months.month, true)
        group by all
    ),

    -- the newest count of residents that the month could know, or else the earliest there is
    populations as (
        select
            area_code,
            months.month,
            arg_max(
                {'year':populations.year, 'population':populations.population},
                case
                    when populations.year <= year(months.month) then populations.year else - populations.year
                end
            ) as newest
        from {{ ref("int_area_populations") }} as populations
        cross join months
        group by all
    ),

    joined as (
        select
            area_code,
            month,
            places.area_name,
            {% for kind, columns in counts.items() %}
                -- where nothing of a kind is known in the whole city, a zero would claim calm
                {% for column in columns %}
                    case
                        when sum({{ columns[0] }}) over (partition by month) > 0
                        then coalesce({{ column }}, 0)
                    end as {{ column }},
                {% endfor %}
                {{ metric("placed_share", of=columns[0]) }} as {{ kind }}_placed_share,
            {% endfor %}
            median_response_minutes,
            cast(lamp_post_count as bigint) as lamp_post_count,
            station_day_count,
            reporting_day_count,
            newest.population as population,
            newest.year as population_year
        from places
        cross join months
        {% for relation in [
                "requests",
                "incidents",
                "emergency_incidents",
                "issued_permits",
                "inspections",
                "payments",
                "opinion_items",
                "stations",
                "lamp_posts",
                "populations",
            ] %}
            left join {{ relation }} using (area_code, month)
        {% endfor %}
    )

select
    *,
    {{ metric("due_on_time_share") }} as due_on_time_share,
    {{ metric("inspection_failed_share") }} as inspection_failed_share,
    {{ metric("sensor_uptime_share") }} as sensor_uptime_share,
    {% for kind, columns in counts.items() %}
        {{ metric("per_10k", of=columns[0]) }} as {{ kind }}_per_10k,
    {% endfor %}
    {{ metric("per_10k", of="payment_cents") }} as payment_cents_per_10k
from joined
where area_code <> 'unplaced'
