{#-
Metres between two points on a sphere of 6,371,008.8 metres, the mean radius of the earth (haversine formula, R. W.
Sinnott, Virtues of the Haversine, Sky and Telescope 68, 1984). Right to half a per cent, which is finer than where a lamp post stands.
-#}
{% macro metres_between(from_latitude, from_longitude, to_latitude, to_longitude) -%}
    2
    * 6371008.8
    * asin(
        sqrt(
            least(
                1,
                pow(sin(radians({{ to_latitude }} - {{ from_latitude }}) / 2), 2)
                + cos(radians({{ from_latitude }}))
                * cos(radians({{ to_latitude }}))
                * pow(sin(radians({{ to_longitude }} - {{ from_longitude }}) / 2), 2)
            )
        )
    )
{%- endmacro %}


{#- Readings that a sensor should give in a complete hour; less than one where it gives them more seldom. -#}
{% macro readings_an_hour(interval_minutes) -%}(60.0 / {{ interval_minutes }}) {%- endmacro %}


{#- How long after its last reading a sensor is silent, and how much later than measured a reading is late. -#}
{% macro patience(interval_minutes) -%} to_minutes(3 * {{ interval_minutes }}) {%- endmacro %}


{#-
Whether a reading's own time cannot be: measured five minutes and more after the result was given, a year before it, or
when clocks that were never set begin to count.
-#}
{% macro is_clock_wrong(phenomenon_at, result_at) -%}
    {#- reckoned in microseconds: with intervals DuckDB asks a calendar for each reading -#}
    {%- set ahead = "epoch_us(" ~ phenomenon_at ~ ") - epoch_us(" ~ result_at ~ ")" -%}
    {%- set minutes, days = 60 * 1000000, 24 * 60 * 60 * 1000000 -%}
    (
        coalesce({{ ahead }} >= {{ 5 * minutes }} or {{ ahead }} < {{ -366 * days }}, false)
        or {{ phenomenon_at }} < timestamptz '2001-01-01 00:00:00+00'
    )
{%- endmacro %}


{#-
Whether a reading, as int_readings_judged has it, says something of the place: it was not set aside, is possible, has not
stayed the very same for too long, and was measured when it says so.
-#}
{% macro is_usable() -%}
    not (is_set_aside or is_out_of_range or is_flat_line or is_clock_wrong)
{%- endmacro %}


{#- How long after sunset a lamp may go on and before sunrise go off: by then every kind of switch has switched. -#}
{% macro switching_time() -%} interval 20 minutes {%- endmacro %}


{#- The minutes of the time from `since` to `until` that lie between `start` and `stop`. -#}
{% macro minutes_within(since, until, start, stop) -%}
    greatest(
        {{ minutes_between("greatest(" ~ since ~ ", " ~ start ~ ")", "least(" ~ until ~ ", " ~ stop ~ ")") }},
        0
    )
{%- endmacro %}


{#- How near a lamp post a request speaks of it: requests are known to 0.001 degrees, which is up to 80 metres. -#}
{% macro request_metres() -%} 150 {%- endmacro %}
