{#-
The newest version of every key of a feed in a table of records, without the records that were withdrawn.

Two departments may use the same number: a key names a record within its feed only.

A version without a stamp is older than any that has one; equal stamps are settled by the time of loading and the
place in the delivery, so that the answer never depends on the order of files.
-#}
{% macro current_rows(source_name, table, key, stamp=none) -%}
    (
        select *
        from
            (
                select *
                from {{ source(source_name, table) }}
                qualify
                    row_number() over (
                        partition by _feed, {{ key | join(", ") }}
                        order by
                            {% if stamp -%} {{ stamp }} desc nulls last, {% endif -%}
                            _loaded_at desc,
                            _rec desc
                    )
                    = 1
            )
        where _op <> 'D'
    )
{%- endmacro %}
