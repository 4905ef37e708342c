{#- Accounting identities: each expression is true in every row; unknown is not true. Answers with those that broke. -#}
{% test identities(model, expressions) %}
    {% for expression in expressions %}
        select {{ dbt.string_literal(dbt.escape_single_quotes(expression)) }} as broken, count(*) as row_count
        from {{ model }}
        where ({{ expression }}) is not true
        having count(*) > 0
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
{% endtest %}
