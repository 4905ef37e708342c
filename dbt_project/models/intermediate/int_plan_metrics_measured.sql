{%- set measurable = plan_metrics() -%}
{%- set known = registered_metrics() if execute else {} -%}
with
    {% for id, one in measurable.items() %}
        {{ id }}_days as (
            select * {%- if one.day != "day" %}, {{ one.day }} as day {%- endif %}
            from {{ ref(one.records or one.mart) }}
        ),

        {{ id }}_periods as (
            {% for kind, start in {"month": month_of("day"), "quarter": fiscal_quarter_of("day")}.items() %}
                select
                    '{{ kind }}' as period_kind,
                    {{ start }} as start_date,
                    {% if one.counts %}
                        {% for count in one.counts %}
                            sum({{ count }}) filter ({{ one.counted or "true" }}) as {{ count }},
                        {% endfor %}
                    {% else %} {{ metric(id) }} as value,
                    {% endif %}
                    (select min(day) from {{ id }}_days) as first_date
                from {{ id }}_days
                group by all
                {% if not loop.last %}
                    union all
                {% endif %}
            {% endfor %}
        ),
    {% endfor %}

    measured as (
        {% for id, one in measurable.items() %}
            select
                '{{ id }}' as metric_id,
                '{{ one.mart }}' as mart,
                '{{ known.get(id, {}).get("unit", "") }}' as metric_unit,
                period_kind,
                start_date,
                {% if one.counts %} {{ metric(id) }}
                {% else %} value
                {% endif %} as value,
                first_date
            from {{ id }}_periods
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )

select metric_id, mart, metric_unit, period_kind, start_date, cast(value as double) as value, first_date
from measured
