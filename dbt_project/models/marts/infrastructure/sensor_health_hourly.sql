{%- set faults = ["is_clock_wrong", "is_out_of_range", "is_flat_line", "is_late"] -%}
{{
    config(
        meta={
            "parts": {
                "by": ["hour"],
                "of": {
                    "int_datastream_hours": [{"hour": "hour", "for": 24}],
                    "int_readings_judged": [{"hour": "hour", "for": 24}],
                    "int_neighbours_compared": [{"hour": "hour", "for": 24}],
                    "int_datastream_days": [{"hour": "day_at", "for": 24}],
                },
            }
        }
    )
}}

with
    heard as (
        select
            feed,
            datastream_id,
            hour,
            count(*) filter (not is_set_aside) as n,
            max(heard_at) as heard_at,
            {% for fault in faults %} bool_or({{ fault }}) as {{ fault }}, {% endfor %}
            bool_or(is_unit_changed) as is_unit_changed
        from {{ ref("int_readings_judged") }}
        group by all
    ),

    -- an hour without a reading goes on as the last one with one ended
    joined as (
        select
            hours.*,
            coalesce(heard.n, 0) as n,
            coalesce(max(heard.heard_at) over so_far, days.heard_at) as heard_at,
            {% for fault in faults %}
                coalesce(
                    last_value(heard.{{ fault }} ignore nulls) over so_far, days.{{ fault }}
                ) as {{ fault }},
            {% endfor %}
            coalesce(bool_or(heard.is_unit_changed) over last_day, false) as is_unit_changed,
            compared.neighbour_n,
            compared.neighbours_median,
            compared.neighbours_deviation,
            compared.is_apart,
            -- apart in each of the day's hours that can be compared, and these are three in four
            coalesce(bool_and(compared.is_apart) over last_day, false)
            and count(compared.is_apart) over last_day >= 18 as is_drifting
        from {{ ref("int_datastream_hours") }} as hours
        left join heard using (feed, datastream_id, hour)
        left join {{ ref("int_neighbours_compared") }} as compared using (feed, datastream_id, hour)
        left join
            {{ ref("int_datastream_days") }} as days
            on days.feed = hours.feed
            and days.datastream_id = hours.datastream_id
            and days.day_at = {{ utc_day("hours.hour") }}
        window
            so_far as (
                partition by hours.feed, hours.datastream_id, {{ utc_day("hours.hour") }}
                order by hours.hour
                rows unbounded preceding
            ),
            last_day as (partition by hours.feed, hours.datastream_id order by hours.hour rows 23 preceding)
    ),

    aged as (
        select
            joined.*,
            date_sub('minute', least(heard_at, judged_at), judged_at) as age_minutes,
            judged_at - heard_at > {{ patience("properties.interval_minutes") }} as is_silent
        from joined
        inner join {{ ref("sensor_properties") }} as properties using (property_code)
    )

select
    feed,
    datastream_id,
    hour,
    day,
    department,
    lamp_post_id,
    property_code,
    area_code,
    case
        when judged_at is null
        then 'unknown'
        when is_silent
        then 'silent'
        when is_clock_wrong
        then 'clock_wrong'
        when is_unit_changed
        then 'unit_changed'
        when is_out_of_range
        then 'out_of_range'
        when is_flat_line
        then 'flat_line'
        when is_drifting
        then 'drifting'
        when is_late
        then 'late'
        else 'ok'
    end as state,
    judged_at,
    heard_at,
    age_minutes,
    n,
    expected_n,
    {{ metric("reading_uptime_share") }} as uptime_share,
    neighbour_n,
    neighbours_median,
    neighbours_deviation,
    is_apart
from aged
