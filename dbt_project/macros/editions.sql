{#-
Whether this model has rows from before. What was published on a closing day is a record of its own: it cannot be worked
out again from records that came later, so such a model keeps its rows and adds to them.
-#}
{% macro has_earlier_rows() -%}
    {{ return(execute and load_cached_relation(this) is not none) }}
{%- endmacro %}
