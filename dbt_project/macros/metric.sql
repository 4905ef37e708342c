{#-
The SQL of a metric of the registry (`metrics/*.yml`), over the columns that its definition names; null below its
minimum n, so that a figure of three records is never taken for a rate. A definition that serves several columns writes
`{}` where `of` names the one meant.
-#}
{% macro metric(id, of="") -%}
    {%- if execute -%}
        {%- set one = registered_metric(id) -%}
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


{#- The condition of the records that a metric counts, by the rules of its headline and its own choices. -#}
{% macro counts_in(id) -%} {{ record_rules(id).counted }} {%- endmacro %}


{#- The local day on which a metric counts a record. -#}
{% macro day_in(id) -%} {{ record_rules(id).day }} {%- endmacro %}


{#- The condition of the records that a share counts and that are in its numerator. -#}
{% macro succeeds_in(id) -%}
    {{ record_rules(id).counted }} and ({{ record_rules(id).success }})
{%- endmacro %}


{#- What the rules of a metric ask of a record; `reports/metrics/cohort.py` says the same of a published record. -#}
{% macro record_rules(id) -%}
    {%- if not execute -%}
        {{ return({"counted": "true", "day": "null::date", "success": "true"}) }}
    {%- endif -%}
    {%- set one = registered_metric(id) -%}
    {%- set records = registered_metric(one.variant_of or id).records -%}
    {%- set told = {
        "counted": ["(" ~ (records.counted or "true") ~ ")"],
        "day": records.day,
        "success": records.success or "true",
    } -%}
    {%- for rule in records.rules -%}
        {%- set choice = rule.choices[(one.rules or {}).get(rule.id) or (rule.choices | first)] -%}
        {%- if choice.counted -%} {%- do told.counted.append("(" ~ choice.counted ~ ")") -%} {%- endif -%}
        {%- if choice.day -%} {%- do told.update({"day": choice.day}) -%} {%- endif -%}
        {%- if choice.success -%} {%- do told.update({"success": choice.success}) -%} {%- endif -%}
    {%- endfor -%}
    {%- do told.counted.append("((" ~ told.day ~ ") is not null)") -%}
    {%- do told.update({"counted": told.counted | join(" and ")}) -%}
    {{ return(told) }}
{%- endmacro %}


{% macro registered_metric(id) -%}
    {%- set known = registered_metrics() -%}
    {%- if id not in known -%}
        {{
            exceptions.raise_compiler_error(
                "no metric " ~ id ~ "; there are " ~ known.keys() | join(", ")
            )
        }}
    {%- endif -%}
    {{ return(known[id]) }}
{%- endmacro %}


{#-
The registry by id. dbt's Jinja reads no files, so DuckDB does; and what dbt tells all models of the project is told what
was read, or else each use of a metric would read all of it again.
-#}
{% macro registered_metrics() -%}
    {%- if "registered_metrics" not in graph -%}
        {%- set folder = (invocation_args_dict.project_dir or ".") ~ "/metrics" -%}
        {%- set files = run_query("select content from read_text('" ~ folder ~ "/*.yml')") -%}
        {%- set known = {} -%}
        {%- for text in files.columns[0].values() -%}
            {%- for one in fromyaml(text) -%} {%- do known.update({one.id: one}) -%} {%- endfor -%}
        {%- endfor -%}
        {%- do graph.update({"registered_metrics": known}) -%}
    {%- endif -%}
    {{ return(graph["registered_metrics"]) }}
{%- endmacro %}
