{#-
How a table that grows is rebuilt in parts. Its model says so in `meta`:

    parts: {by: [day], of: {int_incidents_dated: [incident_date], stg_call: [{day: received_at}]}, waiting: not is_due}

`by` names the columns of the table that tell its parts; `of` names for each input that is read in parts its columns
that say the same: a column, the local day of an instant {day: received_at}, or its hour {hour: received_at}. A row of
the table must follow from the rows of those inputs in its own part, and from inputs that are read whole. `waiting` tells
the rows whose answer may change by nothing but time, where the model asks for the time.

Where a row follows from hours before its own, too, {hour: received_at, for: 24} lets a row of the input touch the parts
of its own hour and of the 23 after it, and a part be built from the input's rows of its own hour and the 23 before it.

The parts touched by a build are those of every row of an input that came, went or changed since the last one, before
and after the change, and those of the rows that wait. When an input that is read whole has changed, all parts are.
-#}
{#- What makes the table `touched`, of the parts to be rebuilt: its columns are part_1 and so on. -#}
{% macro touched_parts(plan) -%}
    {%- set parts = model.config.meta.parts -%}
    {%- set found = [] -%}
    {%- for table in plan.changed -%}
        {%- set schema, name = table.split(".") -%}
        {%- set columns = [] -%}
        {%- for column in parts_in(parts.of[name]) -%}
            {%- do columns.append(
                column
                ~ (" + to_hours(later)" if hours_of(parts.of[name][loop.index0]) > 1 else "")
            ) -%}
        {%- endfor -%}
        {#- where no input wrote anything in this build there is no later snapshot: the last one is looked at again -#}
        {%- do found.append(
            "select " ~ columns
            | join(", ")
            ~ " from ducklake_table_changes('lake', '"
            ~ schema
            ~ "', '"
            ~ name
            ~ "', least("
            ~ plan.since
            ~ ", getvariable('now')), getvariable('now')) cross join range("
            ~ most_hours(parts.of[name])
            ~ ") as hours(later)"
        ) -%}
    {%- endfor -%}
    {%- if plan.is_later -%}
        {%- do found.append(
            "select " ~ parts_in(parts.by)
            | join(", ") ~ " from " ~ this ~ " where " ~ parts.waiting
        ) -%}
    {%- endif -%}
    {%- set names, ranges = [], [] -%}
    {%- for _ in parts.by -%}
        {%- set part = "part_" ~ loop.index -%}
        {%- do names.append(part) -%}
        {%- set range -%}
            set variable least_{{ part }} = (select min({{ part }}) from temp.main.touched);
            set variable most_{{ part }} = (select max({{ part }}) from temp.main.touched);
            set variable blank_{{ part }} = (select count(*) > count({{ part }}) from temp.main.touched);
        {%- endset -%}
        {%- do ranges.append(range) -%}
    {%- endfor -%}
    {{
        return(
            "set variable now = (select cast(id as bigint) from lake.current_snapshot()); create or replace temp table touched as select * from ("
            ~ found
            | join(" union ") ~ ") as found(" ~ names
            | join(", ") ~ "); " ~ ranges
            | join("") ~ inputs_in_parts(plan)
        )
    }}
{%- endmacro %}


{#- What makes a view, of its own name, of what the touched parts need of each input that is read in parts. -#}
{% macro inputs_in_parts(plan) -%}
    {%- set made = [] -%}
    {%- for table in plan.tables -%}
        {%- set name = table.split(".")[1] -%}
        {%- do made.append(
            "create or replace temp view "
            ~ name
            ~ " as from lake."
            ~ table
            ~ rows_for_touched(model.config.meta.parts.of[name])
            ~ ";"
        ) -%}
    {%- endfor -%}
    {{ return(made | join(" ")) }}
{%- endmacro %}


{#- The model's SQL over these views, of which only what lies in the touched parts itself is right. -#}
{% macro restricted(plan) -%}
    {%- set restricted = namespace(sql=compiled_code) -%}
    {%- for table in plan.tables -%}
        {%- set schema, name = table.split(".") -%}
        {%- set whole = api.Relation.create(database="lake", schema=schema, identifier=name) -%}
        {%- set part = api.Relation.create(database="temp", schema="main", identifier=name) -%}
        {%- set restricted.sql = restricted.sql | replace(whole | string, part | string) -%}
    {%- endfor -%}
    {{ return("from (" ~ restricted.sql ~ ") as built" ~ rows_for_touched(model.config.meta.parts.by)) }}
{%- endmacro %}


{#-
The join that leaves the rows of which the touched parts are built, where `told` tells the parts of a table. The range
of the parts says nothing new, but by it whole files are passed over, and columns of rows that do not matter.
-#}
{% macro rows_for_touched(told) -%}
    {%- set same, parts, ranges = [], [], [] -%}
    {%- for column in parts_in(told) -%}
        {%- set part, one = "part_" ~ loop.index, told[loop.index0] -%}
        {%- if one is not mapping or "hour" in one -%}
            {%- set least, most = "getvariable('least_" ~ part ~ "')", "getvariable('most_" ~ part ~ "')" -%}
            {%- if one is mapping -%}
                {%- set least = least ~ " - interval " ~ (hours_of(one) - 1) ~ " hour" -%}
                {%- set most = most ~ " + interval 1 hour" -%}
            {%- endif -%}
            {%- set plain = one.hour if one is mapping else one -%}
            {%- do ranges.append(
                "(getvariable('blank_"
                ~ part
                ~ "') or ("
                ~ plain
                ~ " >= "
                ~ least
                ~ " and "
                ~ plain
                ~ " <= "
                ~ most
                ~ "))"
            ) -%}
        {%- endif -%}
        {%- do same.append(column ~ " is not distinct from " ~ part) -%}
        {%- do parts.append(
            (part ~ " - to_hours(sooner) as " ~ part) if hours_of(told[loop.index0]) > 1 else part
        ) -%}
    {%- endfor -%}
    {%- set needed -%}
        {%- if most_hours(told) == 1 -%} temp.main.touched
        {%- else -%}
            (
                select distinct {{ parts | join(", ") }}
                from temp.main.touched
                cross join range({{ most_hours(told) }}) as hours(sooner)
            ) as needed
        {%- endif -%}
    {%- endset -%}
    {%- set ranged = " where " ~ ranges | join(" and ") if ranges else "" -%}
    {{ return(" semi join " ~ needed ~ " on " ~ same | join(" and ") ~ ranged) }}
{%- endmacro %}


{#- The SQL of what tells the parts of a table: columns, or the local days or the hours of instants. -#}
{% macro parts_in(told) -%}
    {%- set columns = [] -%}
    {%- for one in told -%}
        {%- if one is not mapping -%}
            {%- do columns.append(one) -%}
            {%- elif "day" in one -%} {%- do columns.append(local_date(one.day)) -%}
        {%- else -%} {%- do columns.append("time_bucket(interval 1 hour, " ~ one.hour ~ ")") -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}


{#- For how many hours a row counts, by what tells its part. -#}
{% macro hours_of(one) -%} {{ return(one.get("for", 1) if one is mapping else 1) }} {%- endmacro %}


{#- The same, of all that tells the parts of a table. -#}
{% macro most_hours(told) -%}
    {%- set found = [1] -%}
    {%- for one in told -%} {%- do found.append(hours_of(one)) -%} {%- endfor -%}
    {{ return(found | max) }}
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
