{#- None of these columns is blank. -#}
{% test filled(model, columns) %}
    select * from {{ model }} where {{ columns | join(" is null or ") }} is null
{% endtest %}
