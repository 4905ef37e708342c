{#- The wall-clock time in the city at an instant. -#}
{% macro local_time(instant) -%}
    timezone((select time_zone from {{ source("ops", "city") }}), {{ instant }})
{%- endmacro %}


{#- The calendar day in the city at an instant. -#}
{% macro local_date(instant) -%} cast({{ local_time(instant) }} as date) {%- endmacro %}


{#- The instant at which the city's clocks show a wall-clock time; of an hour shown twice, the second. -#}
{% macro instant_of(wall_clock_time) -%}
    timezone((select time_zone from {{ source("ops", "city") }}), {{ wall_clock_time }})
{%- endmacro %}


{#- The build's own now. No model reads the wall clock: the same lake always gives the same marts.
The monitoring, which builds a few models between the builds, has a now of its own. -#}
{% macro as_of() -%}
    {%- set clock = source("ops", "watch_clock") if target.name == "watch" else source("ops", "clock") -%}
    (select as_of from {{ clock }})
{%- endmacro %}


{#- The first day of a day's month. -#}
{% macro month_of(day) -%} cast(date_trunc('month', {{ day }}) as date) {%- endmacro %}


{#- The first day of a day's year. -#}
{% macro year_of(day) -%} cast(date_trunc('year', {{ day }}) as date) {%- endmacro %}


{#- The second working day after a day: from Thursday and Friday on a weekend lies between. -#}
{% macro two_working_days_after(day) -%}
    cast({{ day }} + case isodow({{ day }}) when 4 then 4 when 5 then 4 when 6 then 3 else 2 end as date)
{%- endmacro %}


{#- An instant as the clock shows it by UTC. With a zone DuckDB asks a calendar, which takes thirty times as long. -#}
{% macro utc_time(instant) -%} make_timestamp(epoch_us({{ instant }})) {%- endmacro %}


{#- The whole seconds from one instant to another. -#}
{% macro seconds_between(from_instant, to_instant) -%}
    date_diff('second', {{ utc_time(from_instant) }}, {{ utc_time(to_instant) }})
{%- endmacro %}


{#- The minutes from one instant to another, with their fractions. -#}
{% macro minutes_between(from_instant, to_instant) -%}
    {{ seconds_between(from_instant, to_instant) }} / 60.0
{%- endmacro %}


{#- Whether an instant is the midnight that a source writes when it knows the day only. -#}
{% macro is_date_only(instant) -%} (cast({{ local_time(instant) }} as time) = time '00:00:00') {%- endmacro %}


{#- The midnight, by UTC, before an instant. -#}
{% macro utc_day(instant) -%}
    make_timestamptz(epoch_us(cast({{ utc_time(instant) }} as date)))
{%- endmacro %}
