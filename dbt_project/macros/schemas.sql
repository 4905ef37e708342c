{#- The folders' names are the schemas' names, without the target's prefix that dbt would put before them. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}


{#-
What dbt asks for when it starts, from the lake's catalogue. Asked in dbt's own way, DuckDB reads the statistics of every
table of the lake first.
-#}
{% macro duckdb__list_schemas(database) -%}
    {{
        return(
            run_query(
                "select schema_name from __ducklake_metadata_lake.ducklake_schema where end_snapshot is null"
            )
        )
    }}
{%- endmacro %}


{#- The tables and views of a schema, in the same way. -#}
{% macro duckdb__list_relations_without_caching(schema_relation) -%}
    {%- call statement("list_relations_without_caching", fetch_result=True) -%}
        with
            schemas as (
                select schema_id, schema_name
                from __ducklake_metadata_lake.ducklake_schema
                where end_snapshot is null and lower(schema_name) = '{{ schema_relation.schema | lower }}'
            )
        select
            '{{ schema_relation.database }}' as database,
            table_name as name,
            schema_name as schema,
            'table' as type
        from __ducklake_metadata_lake.ducklake_table
        inner join schemas using (schema_id)
        where end_snapshot is null
        union all
        select '{{ schema_relation.database }}', view_name, schema_name, 'view'
        from __ducklake_metadata_lake.ducklake_view
        inner join schemas using (schema_id)
        where end_snapshot is null
    {%- endcall -%}
    {{ return(load_result("list_relations_without_caching").table) }}
{%- endmacro %}
