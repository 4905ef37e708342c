{#-
The SQL of a metric of the registry (`metrics/*.yml`), over the columns that its definition names; null below its
minimum n, so that a figure of three records is never taken for a rate. A definition that serves several columns writes
`{}` where `of` names the one meant.
-#}
{% macro metric(id, of="") -%}
    {%- if execute -%}
        {%- set known = registered_metrics() -%}
        {%- if id not in known -%}
            {{
                exceptions.raise_compiler_error(
                    "metrics/ has no metric " ~ id ~ "; it has " ~ known.keys() | join(", ")
                )
            }}
        {%- endif -%}
        {%- set one = known[id] -%}
        {%- set figure = (
            one.value
            or one.scale | default(1.0) ~ " * " ~ one.numerator ~ " / " ~ one.denominator
        ) -%}
        {{
            (
                "case when " ~ one.denominator ~ " >= " ~ one.minimum_n ~ " then " ~ figure ~ " end"
            ) | replace("{}", of)
        }}
    {%- else -%} null
    {%- endif -%}
{%- endmacro %}


{#- The registry by id. dbt's Jinja reads no files, so DuckDB does. -#}
{% macro registered_metrics() -%}
    {%- set folder = (invocation_args_dict.project_dir or ".") ~ "/metrics" -%}
    {%- set files = run_query("select content from read_text('" ~ folder ~ "/*.yml')") -%}
    {%- set known = {} -%}
    {%- for text in files.columns[0].values() -%}
        {%- for one in fromyaml(text) -%} {%- do known.update({one.id: one}) -%} {%- endfor -%}
    {%- endfor -%}
    {{ return(known) }}
{%- endmacro %}
