{#-
A table or view takes the place of its last edition in one statement, so in one commit of the lake; a view that says what
it said before is left as it is. dbt's own way, which is to build beside it, rename both and drop the old one, changes
the catalogue twice; each change makes everybody read the catalogue anew, which here cost more than the models did.
-#}
{% materialization table, adapter = "duckdb" %} {{ return(replaced("table")) }} {% endmaterialization %}


{% materialization view, adapter = "duckdb" %} {{ return(replaced("view")) }} {% endmaterialization %}


{#- Build the model as what `kind` says, a table or a view, and return what dbt wants of a materialization. -#}
{% macro replaced(kind) -%}
    {%- set before = load_cached_relation(this) -%}
    {%- if before is not none and before.type != kind -%}
        {%- do adapter.drop_relation(before) -%}
    {%- endif -%}
    {%- if kind == "view" and before is not none and before.is_view and is_as_before(before) -%}
        {%- call noop_statement("main", "UNCHANGED") -%} {{ compiled_code }} {%- endcall -%}
    {%- else -%}
        {%- call statement("main") -%}
            create or replace {{ kind }} {{ this }} as ({{ compiled_code }})
        {%- endcall -%}
    {%- endif -%}
    {%- do adapter.commit() -%}
    {{ return({"relations": [this.incorporate(type=kind)]}) }}
{%- endmacro %}


{#- Whether a view says what the model says. DuckDB keeps views in its own spelling, so it is asked to spell both. -#}
{% macro is_as_before(view) -%}
    {%- do run_query("create or replace temp view edition as (" ~ compiled_code ~ ")") -%}
    {%- set spelt = run_query(
        "select count(*) = 2 and count(distinct regexp_replace(sql, '^CREATE .*? AS ', '')) = 1 from duckdb_views()"
        ~ " where (temporary and view_name = 'edition') or (database_name = '"
        ~ view.database
        ~ "' and schema_name = '"
        ~ view.schema
        ~ "' and view_name = '"
        ~ view.identifier
        ~ "')"
    ) -%}
    {{ return(spelt.columns[0].values()[0]) }}
{%- endmacro %}
