{%- set faults = ["is_clock_wrong", "is_out_of_range", "is_flat_line", "is_late"] -%}
-- what carries a day's hours on from the days before, so that they need not look back over all of them
with
    streams as (
        select feed, datastream_id, date_trunc('hour', first_at) as first_hour
        from {{ ref("int_datastreams") }}
    ),

    readings as (
        select judged.*
        from {{ ref("int_readings_judged") }} as judged
        inner join streams using (feed, datastream_id)
        where judged.hour >= streams.first_hour
    ),

    last_hours as (
        select feed, datastream_id, max(hour) as hour
        from readings
        group by feed, datastream_id, {{ utc_day("hour") }}
    ),

    heard as (
        select
            feed,
            datastream_id,
            {{ utc_day("hour") }} as heard_day,
            max(heard_at) as heard_at,
            {% for fault in faults -%}
                bool_or({{ fault }}) as {{ fault }} {%- if not loop.last %}, {% endif %}
            {% endfor %}
        from readings
        semi join last_hours using (feed, datastream_id, hour)
        group by feed, datastream_id, hour
    ),

    days as (
        select streams.feed, streams.datastream_id, feed_days.day_at
        from
            (
                select distinct feed, {{ utc_day("hour") }} as day_at from {{ ref("int_feed_hours") }}
            ) as feed_days
        inner join streams using (feed)
    )

select
    days.feed,
    days.datastream_id,
    days.day_at,
    heard.heard_at,
    {% for fault in faults -%} heard.{{ fault }} {%- if not loop.last %}, {% endif %} {% endfor %}
from days
asof join
    heard
    on heard.feed = days.feed
    and heard.datastream_id = days.datastream_id
    and heard.heard_day < days.day_at
