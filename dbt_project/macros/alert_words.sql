{#- The words of an alert rule with the figures of one alert in them. -#}
{% macro filled_in(words) -%}
    replace(
        replace(
            replace(replace({{ words }}, '{subject}', worded.subject), '{area}', worded.area_code),
            '{observed}',
            worded.observed_text
        ),
        '{limit}',
        worded.limit_text
    )
{%- endmacro %}
