{#-
How a table that grows is rebuilt in parts. Its model says so in `meta`:

    parts: {by: [day], of: {int_incidents_dated: [incident_date], stg_call: [{day: received_at}]}, waiting: not is_due}

`by` names the columns of the table that tell its parts; `of` names for each input that is read in parts its columns
that say the same. A row of the table must follow from the rows of those inputs in its own part, and from inputs that
are read whole. `waiting` tells the rows whose answer may change by nothing but time, where the model asks for the time.

The parts touched by a build are those of every row of an input that came, went or changed since the last one, before
and after the change, and those of the rows that wait. When an input that is read whole has changed, all parts are.
-#}
{#- What makes the table `touched`, of the parts to be rebuilt: its columns are part_1 and so on. -#}
{% macro touched_parts(plan) -%}
    {%- set parts = model.config.meta.parts -%}
    {%- set found = [] -%}
    {%- for table in plan.changed -%}
        {%- set schema, name = table.split(".") -%}
        {%- set columns = parts_in(parts.of[name]) | join(", ") -%}
        {#- where no input wrote anything in this build there is no later snapshot: the last one is looked at again -#}
        {%- do found.append(
            "select "
            ~ columns
            ~ " from ducklake_table_changes('lake', '"
            ~ schema
            ~ "', '"
            ~ name
            ~ "', least("
            ~ plan.since
            ~ ", getvariable('now')), getvariable('now'))"
        ) -%}
    {%- endfor -%}
    {%- if plan.is_later -%}
        {%- do found.append(
            "select " ~ parts.by | join(", ") ~ " from " ~ this ~ " where " ~ parts.waiting
        ) -%}
    {%- endif -%}
    {%- set names = [] -%}
    {%- for _ in parts.by -%} {%- do names.append("part_" ~ loop.index) -%} {%- endfor -%}
    {{
        return(
            "set variable now = (select cast(id as bigint) from lake.current_snapshot()); create or replace temp table touched as select * from ("
            ~ found
            | join(" union ") ~ ") as found(" ~ names
            | join(", ") ~ "); " ~ inputs_in_parts(plan)
        )
    }}
{%- endmacro %}


{#- What makes a view, of its own name, of the touched parts of each input that is read in parts. -#}
{% macro inputs_in_parts(plan) -%}
    {%- set made = [] -%}
    {%- for table in plan.tables -%}
        {%- set name = table.split(".")[1] -%}
        {%- set only = touched_only(parts_in(model.config.meta.parts.of[name])) -%}
        {%- do made.append("create or replace temp view " ~ name ~ " as from lake." ~ table ~ only ~ ";") -%}
    {%- endfor -%}
    {{ return(made | join(" ")) }}
{%- endmacro %}


{#- The model's SQL over these views. -#}
{% macro restricted(plan) -%}
    {%- set restricted = namespace(sql=compiled_code) -%}
    {%- for table in plan.tables -%}
        {%- set schema, name = table.split(".") -%}
        {%- set whole = api.Relation.create(database="lake", schema=schema, identifier=name) -%}
        {%- set part = api.Relation.create(database="temp", schema="main", identifier=name) -%}
        {%- set restricted.sql = restricted.sql | replace(whole | string, part | string) -%}
    {%- endfor -%}
    {{ return(restricted.sql) }}
{%- endmacro %}


{#- The join that leaves the rows of the touched parts, which `columns` tell. -#}
{% macro touched_only(columns) -%}
    {%- set same = [] -%}
    {%- for column in columns -%}
        {%- do same.append(column ~ " is not distinct from part_" ~ loop.index) -%}
    {%- endfor -%}
    {{ return(" semi join temp.main.touched on " ~ same | join(" and ")) }}
{%- endmacro %}


{#- The SQL of what tells the parts of an input: a column, or the local day of an instant that is written {day: column}. -#}
{% macro parts_in(told) -%}
    {%- set columns = [] -%}
    {%- for one in told -%}
        {%- do columns.append(local_date(one.day) if one is mapping else one) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}


{#- What is built without a plan was not built from what its mark says. -#}
{% macro forget_mark() -%}
    {%- set known = in_transaction(
        "select count(*) from lake.ops.built where node = '" ~ model.unique_id ~ "'"
    ) -%}
    {%- if known.rows[0][0] > 0 -%}
        {%- do in_transaction("delete from lake.ops.built where node = '" ~ model.unique_id ~ "'") -%}
    {%- endif -%}
{%- endmacro %}
