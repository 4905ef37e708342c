{#-
A table is brought up to what its model says by the rows that differ, in one commit; one that says so already is left as
it is, and so is a view. dbt's own way, which is to build beside it, rename both and drop the old one, changes the
catalogue, and each change of the catalogue makes everybody read it anew, which here cost more than the models did. It
would also hide from whoever reads the table which of its rows are new (`parts.sql`).
-#}
{% materialization table, adapter = "duckdb" %} {{ return(replaced("table")) }} {% endmaterialization %}


{% materialization view, adapter = "duckdb" %} {{ return(replaced("view")) }} {% endmaterialization %}


{#- Build the model as what `kind` says, a table or a view, and return what dbt wants of a materialization. -#}
{% macro replaced(kind) -%}
    {%- set before = load_cached_relation(this) -%}
    {%- if before is not none and before.type != kind -%}
        {%- do adapter.drop_relation(before) -%} {%- set before = none -%}
    {%- endif -%}
    {%- if kind == "table" and before is not none and not should_full_refresh() -%}
        {%- do brought_up_to_date() -%}
    {%- elif kind == "view" and before is not none and is_as_before(before) -%}
        {%- call noop_statement("main", "UNCHANGED") -%} {{ compiled_code }} {%- endcall -%}
    {%- else -%} {%- do make_from_nothing(kind) -%}
    {%- endif -%}
    {%- do adapter.commit() -%}
    {{ return({"relations": [this.incorporate(type=kind)]}) }}
{%- endmacro %}


{#- Make the model anew, with all threads where the lake is large: this alone may take long. -#}
{% macro make_from_nothing(kind) -%}
    {%- set is_large = kind == "table" and env_var("CIVICLAKE_DBT_IS_LARGE", "") == "yes" -%}
    {%- if is_large -%} {%- do in_transaction("reset threads") -%} {%- endif -%}
    {%- call statement("main") -%}
        create or replace {{ kind }} {{ this }} as ({{ compiled_code }})
    {%- endcall -%}
    {%- if is_large -%} {%- do in_transaction("set threads = 1") -%} {%- endif -%}
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


{#-
Write what differs between the table and its model: all of it or, where the build's plan says which inputs have changed
since, the parts that they touch. Each call of the database costs more than what it does, so steps are made together.
-#}
{% macro brought_up_to_date() -%}
    {%- set plan = fromjson(env_var("CIVICLAKE_DBT_PLAN", "{}")).get(model.unique_id) -%}
    {%- if plan and (
        has_nothing_to_say() or not plan.is_sure and not is_any_changed(plan.maybe, plan.after)
    ) -%}
        {%- call noop_statement("main", "UNCHANGED") -%} {{ compiled_code }} {%- endcall -%}
    {%- elif plan and "since" in plan and not is_any_changed(plan.whole, plan.after) -%}
        {%- do write_differences(
            touched_parts(plan), restricted(plan), rows_for_touched(model.config.meta.parts.by)
        ) -%}
    {%- elif plan -%} {%- do write_differences("", compiled_code, "") -%}
    {%- else -%}
        {%- do forget_mark() -%}
        {%- if has_same_columns() -%} {%- do write_differences("", compiled_code, "") -%}
        {%- else -%} {%- do make_from_nothing("table") -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{#- Make the table say what `sql` says, in all its rows or in those that `only` leaves, after `first` was done. -#}
{% macro write_differences(first, sql, only) -%}
    {%- set names = in_transaction("select column_name from (describe " ~ this ~ ")").columns[0].values() -%}
    {%- set same = [] -%}
    {%- for name in names -%}
        {%- do same.append('old."' ~ name ~ '" is not distinct from new."' ~ name ~ '"') -%}
    {%- endfor -%}
    {%- set present -%} (select old.rowid as _row, old.* from {{ this }} as old {{ only }}) {%- endset -%}
    {%- set compared -%}
        {{ first }}
        create or replace temp table edition as ({{ sql }});
        create or replace temp table differing as
            select old._row, new.* from {{ present }} as old
            full join (select *, true as _is_wanted from temp.main.edition) as new on {{ same | join(" and ") }}
            where old._row is null or new._is_wanted is null;
        select
            (select count(_row) from temp.main.differing), (select count(_is_wanted) from temp.main.differing),
            (select count(*) from temp.main.edition), (select count(*) from {{ present }})
    {%- endset -%}
    {%- set gone, come, wanted, present_count = in_transaction(compared).rows[0].values() -%}
    {%- set has_copies = present_count - gone + come != wanted -%}
    {%- if gone + come == 0 and not has_copies -%}
        {%- call noop_statement("main", "UNCHANGED") -%} {{ sql }} {%- endcall -%}
    {%- elif has_copies -%}
        {#- a row that stands there several times is not told from its copies: all are written anew -#}
        {%- call statement("main") -%}
            delete from {{ this }} where rowid in (select _row from {{ present }});
            insert into {{ this }} by name from temp.main.edition
        {%- endcall -%}
    {%- else -%}
        {%- call statement("main") -%}
            {% if gone > 0 -%}
                delete from {{ this }} where rowid in (select _row from temp.main.differing);
            {%- endif %}
            insert into {{ this }} by name
                select * exclude (_row, _is_wanted) from temp.main.differing where _is_wanted
        {%- endcall -%}
    {%- endif -%}
{%- endmacro %}


{#- Whether the model is about the rows of a table (`meta: {about: ops.emergency}`) that has none, and says nothing yet. -#}
{% macro has_nothing_to_say() -%}
    {%- set about = model.config.meta.get("about") -%}
    {%- if not about -%} {{ return(False) }} {%- endif -%}
    {%- set found = in_transaction(
        "select exists (from lake." ~ about ~ ") or exists (from " ~ this ~ ")"
    ) -%}
    {{ return(not found.rows[0][0]) }}
{%- endmacro %}


{#- Whether one of these tables was changed by a later snapshot. -#}
{% macro is_any_changed(tables, after) -%}
    {%- if not tables -%} {{ return(False) }} {%- endif -%}
    {%- set found = in_transaction(
        "select count(*) from __ducklake_metadata_lake.ducklake_snapshot_changes where snapshot_id > "
        ~ after
        ~ " and regexp_matches(changes_made, ':("
        ~ tables
        | join("|") ~ ")(,|$)')"
    ) -%}
    {{ return(found.rows[0][0] > 0) }}
{%- endmacro %}


{#- Whether the table has the columns of its model, in name and type. -#}
{% macro has_same_columns() -%}
    {%- set differing = in_transaction(
        "select count(*) from (describe "
        ~ this
        ~ ") as old full join (describe ("
        ~ compiled_code
        ~ ")) as new using (column_name, column_type)"
        ~ " where old.column_name is null or new.column_name is null"
    ) -%}
    {{ return(differing.rows[0][0] == 0) }}
{%- endmacro %}


{#- Run statements in the model's transaction, which the first of them opens, and return what the last one answers. -#}
{% macro in_transaction(sql) -%}
    {%- call statement("step", fetch_result=True) -%} {{ sql }} {%- endcall -%}
    {{ return(load_result("step").table) }}
{%- endmacro %}
