{%- set of = {} -%}
{%- for kind in dated_kinds() -%} {%- do of.update({kind: ["_feed", "_delivery_id"]}) -%} {%- endfor -%}
{{ config(meta={"parts": {"by": ["feed", "delivery_id"], "of": of}}) }}

-- all versions of the records: what a delivery brought it has brought, whatever came later
with
    promised as (
        select
            feeds.contract,
            coverage.feed,
            any_value(period) as period,
            any_value(field) as field,
            bool_or(area_code is not null) as is_by_area
        from {{ source("ops", "coverage") }} as coverage
        inner join {{ source("ops", "feed") }} as feeds using (feed)
        group by all
    ),

    told as (
        {% for kind, terms in dated_kinds().items() %}
            select
                promised.feed,
                _delivery_id as delivery_id,
                promised.period,
                case
                    promised.field
                    {% for field in terms.fields %}
                        when '{{ field }}' then {{ day_told_by(field) }}
                    {% endfor %}
                end as day,
                {% if terms.has_area %} case when is_by_area then area_code end
                {% else %} null
                {% endif %} as area_code
            from {{ source("records", kind) }} as records
            inner join promised on promised.feed = records._feed
            where promised.contract = '{{ kind }}' and records._op = 'U'
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )

select feed, delivery_id, {{ period_of("period", "day") }} as period_date, area_code, count(*) as record_count
from told
where day is not null
group by all
