{#-
What the models of this project read, from dbt's own graph: one entry a model and a model or source that it reads, with
the kind of record where that is a source of records. A model with `meta: {carries_no_records: true}`, like the calendar
that asks records for their first day only, is an end: what it reads is left out.
-#}
{% macro declared_links() -%}
    {%- set links = [] -%}
    {%- for node in declared_models() if not node.config.meta.get("carries_no_records") -%}
        {%- for parent in node.depends_on.nodes -%}
            {%- set source = graph.sources.get(parent, {}) -%}
            {%- do links.append(
                {
                    "model": node.unique_id,
                    "layer": node.schema,
                    "name": node.name,
                    "reads": parent,
                    "kind": source.name if source.source_name == "records" else none,
                }
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(links) }}
{%- endmacro %}


{#- The models of this project, by name; the graph is whole only once dbt has read everything. -#}
{% macro declared_models() -%}
    {%- set models = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values() | sort(attribute="name") if node.resource_type == "model" -%}
            {%- do models.append(node) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(models) }}
{%- endmacro %}


{#- A text as an SQL literal; null where there is none. -#}
{% macro literal(text) -%}
    {%- if text is none -%} null
    {%- else -%} {{ dbt.string_literal(dbt.escape_single_quotes(text)) }}
    {%- endif -%}
{%- endmacro %}
