{#- An accounting identity: the expression is true in every row; unknown is not true. -#}
{% test identity(model, expression) %}
    select * from {{ model }} where ({{ expression }}) is not true
{% endtest %}
