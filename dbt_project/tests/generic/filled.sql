{#- None of these columns is blank. One query for all of them: each dbt test costs a transaction of the lake. -#}
{% test filled(model, columns) %}
    select * from {{ model }} where {{ columns | join(" is null or ") }} is null
{% endtest %}
