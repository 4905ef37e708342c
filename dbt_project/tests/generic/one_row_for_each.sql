{#- The grain: no two rows agree in all these columns, blanks included. -#}
{% test one_row_for_each(model, columns) %}
    select {{ columns | join(", ") }}, count(*) as row_count
    from {{ model }}
    group by {{ columns | join(", ") }}
    having count(*) > 1
{% endtest %}
