{%- set of = {} -%}
{%- for kind in dated_kinds() -%} {%- do of.update({kind: ["_feed", "_delivery_id"]}) -%} {%- endfor -%}
{{ config(meta={"about": "ops.promised_field", "parts": {"by": ["feed", "delivery_id"], "of": of}}) }}

-- only fields that were promised are looked at, so that a feed without promises costs nothing
with
    promised as (
        select contract, feed, promised_field.field
        from {{ source("ops", "promised_field") }} as promised_field
        inner join {{ source("ops", "feed") }} using (feed)
    ),

    cells as (
        {% for kind in dated_kinds() %}
            select
                promised.feed,
                records._delivery_id as delivery_id,
                promised.field,
                json_extract_string(to_json(records), '$.' || promised.field) is not null as is_filled
            from {{ source("records", kind) }} as records
            inner join promised on promised.feed = records._feed
            where promised.contract = '{{ kind }}' and records._op = 'U'
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )

select feed, delivery_id, field, count(*) as record_count, count(*) filter (is_filled) as filled_count
from cells
group by all
