{%- set kinds = area_kinds() -%}
with
    months as (select distinct month from {{ ref("int_dates") }}),

    places as (
        select area_code
        from {{ ref("int_areas") }}
        union all
        select 'unplaced'
    )
    {% for kind in kinds %}
        ,

        kind_{{ loop.index }} as (
            select
                {{ kind.area }} as area_code,
                {{ month_of(kind.day) }} as month,
                {% for name, count in kind.counts.items() %}
                    cast({{ count }} as bigint) as {{ name }} {{- "," if not loop.last }}
                {% endfor %}
            from {{ ref(kind.from) }}
            where {{ kind.day }} is not null and {{ kind.get("where", "true") }}
            group by all
        )
    {%- endfor %}

select
    area_code,
    month,
    {% for kind in kinds %}
        {%- set last_kind = loop.last -%}
        {% for name in kind.counts %} {{ name }} {{- "," if not (last_kind and loop.last) }} {% endfor %}
    {% endfor %}
from places
cross join months
{% for kind in kinds %} left join kind_{{ loop.index }} using (area_code, month) {% endfor %}
