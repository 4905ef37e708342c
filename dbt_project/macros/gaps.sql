{#- How a delivery fills a gap: as a replay, a back-fill, or the regular answer that came late. -#}
{% macro way_of_filling(replays, window_start, window_end) -%}
    case
        when {{ replays }} is not null
        then 'replay'
        when coalesce({{ window_start }}, {{ window_end }}) is not null
        then 'back_fill'
        else 'late_arrival'
    end
{%- endmacro %}
