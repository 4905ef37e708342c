{#- The folders' names are the schemas' names, without the target's prefix that dbt would put before them. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
