{#- days that a department has to fill what is missing, by the kind of gap -#}
{%- set days_to_fill = {
    "days_missing": 0,
    "never_connected": 0,
    "area_missing": 7,
    "period_missing": 7,
    "field_blank": 14,
} -%}
select
    'gap.' || gap_key as action_key,
    case
        when kind = 'days_missing' or feeds.feed is not null and kind = 'never_connected'
        then 'missing'
        else 'gap'
    end as cause,
    gaps.department,
    gaps.feed,
    kind as subject,
    first_date as since_date,
    cast(
        due_date + case
            kind {% for kind, days in days_to_fill.items() %} when '{{ kind }}' then {{ days }} {% endfor %}
        end as date
    ) as due_date,
    case
        when kind in ('days_missing', 'never_connected') and feeds.critical
        then 'high'
        when filled_by = 'estimate'
        then 'low'
        else 'normal'
    end as severity,
    coalesce(detail, nullif(array_to_string(areas, ', '), '')) as detail
from {{ ref("int_gaps_found") }} as gaps
left join {{ source("ops", "feed") }} as feeds using (feed)
-- what nobody measures is nobody's to send, and what came late has come
where filled_at is null and kind in ({{ "'" ~ days_to_fill.keys() | join("', '") ~ "'" }})
