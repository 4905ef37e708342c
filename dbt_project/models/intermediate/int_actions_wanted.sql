{%- set origins = ["int_actions_gaps", "int_actions_quality", "int_actions_plans"] -%}
with
    wanted as (
        {% for origin in origins %}
            select
                action_key,
                cause,
                department,
                feed,
                subject,
                since_date,
                due_date,
                -- plans count the steps of escalation that a task has reached
                case
                    cast(severity as varchar)
                    when '0'
                    then 'normal'
                    when '1'
                    then 'normal'
                    when '2'
                    then 'high'
                    when '3'
                    then 'high'
                    else cast(severity as varchar)
                end as severity,
                detail
            from {{ ref(origin) }}
            {% if not loop.last %}
                union all
            {% endif %}
        {% endfor %}
    )

select wanted.*, coalesce(departments.steward, city.contact_email) as owner
from wanted
left join {{ source("ops", "department") }} as departments using (department)
cross join {{ source("ops", "city") }} as city
