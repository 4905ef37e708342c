{#-
A table or view takes the place of its last edition in one statement, so in one commit of the lake. dbt's own way, which
is to build beside it, rename both and drop the old one, changes the catalogue twice; each change makes everybody read
the catalogue anew, which here cost more than the models themselves.
-#}
{% materialization table, adapter="duckdb" %} {{ return(replaced("table")) }} {% endmaterialization %}


{% materialization view, adapter="duckdb" %} {{ return(replaced("view")) }} {% endmaterialization %}


{#- Build the model as what `kind` says, a table or a view, and return what dbt wants of a materialization. -#}
{% macro replaced(kind) %}
    {%- set before = load_cached_relation(this) -%}
    {%- if before is not none and before.type != kind -%} {%- do adapter.drop_relation(before) -%} {%- endif -%}
    {% call statement("main") %} create or replace {{ kind }} {{ this }} as ({{ compiled_code }}) {% endcall %}
    {%- do adapter.commit() -%}
    {{ return({"relations": [this.incorporate(type=kind)]}) }}
{% endmacro %}
