{#- The month with which the city's fiscal year begins. -#}
{% macro fiscal_year_month() -%}
    (select coalesce(fiscal_year_month, 1) from {{ source("ops", "city") }})
{%- endmacro %}


{#- The fiscal year of a day; it is named after the calendar year in which it ends. -#}
{% macro fiscal_year_of(day) -%}
    cast(
        year({{ day }}) + cast(
            {{ fiscal_year_month() }} > 1 and month({{ day }}) >= {{ fiscal_year_month() }} as bigint
        ) as bigint
    )
{%- endmacro %}


{#- The first day of a fiscal year. -#}
{% macro fiscal_year_start(year) -%}
    make_date({{ year }} - cast({{ fiscal_year_month() }} > 1 as bigint), {{ fiscal_year_month() }}, 1)
{%- endmacro %}


{#- The first day of the fiscal quarter of a day. -#}
{% macro fiscal_quarter_of(day) -%}
    cast(
        {{ month_of(day) }}
        - to_months(cast((month({{ day }}) - {{ fiscal_year_month() }} + 12) % 3 as integer)) as date
    )
{%- endmacro %}
