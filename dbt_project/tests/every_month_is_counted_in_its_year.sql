-- What the profiles of the months count of an area is what the profile of their year counts.
{%- set counts = area_groups(area_kinds()).values() | sum(start=[]) %}
with
    months as (
        select
            area_code,
            year(month) as year,
            {% for count in counts %} coalesce(sum({{ count }}), 0) as {{ count }}, {% endfor %}
        from {{ ref("area_profile_monthly") }}
        group by all
    ),

    years as (
        select
            area_code, year, {% for count in counts %} coalesce({{ count }}, 0) as {{ count }}, {% endfor %}
        from {{ ref("area_profile_yearly") }}
    )

select *
from months
full join years using (area_code, year)
where
    {% for count in counts %}
        months.{{ count }} is distinct from years.{{ count }} {{- " or" if not loop.last }}
    {% endfor %}
