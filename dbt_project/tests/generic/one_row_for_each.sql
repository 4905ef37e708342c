{#-
The grain: no two rows agree in all these columns, and none of the columns is blank but those that may be.

One query for the whole key, like `filled` and `identities` for their parts: each dbt test costs a transaction of the lake.
-#}
{% test one_row_for_each(model, columns, may_be_blank=[]) %}
    select {{ columns | join(", ") }}, count(*) as row_count
    from {{ model }}
    group by {{ columns | join(", ") }}
    having
        count(*) > 1
        {% for column in columns if column not in may_be_blank %} or {{ column }} is null {% endfor %}
{% endtest %}
