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


{#- The build's own now. No model reads the wall clock: the same lake always gives the same marts. -#}
{% macro as_of() -%}(select as_of from {{ source("ops", "clock") }}) {%- endmacro %}


{#- The first day of a day's month. -#}
{% macro month_of(day) -%} cast(date_trunc('month', {{ day }}) as date) {%- endmacro %}
