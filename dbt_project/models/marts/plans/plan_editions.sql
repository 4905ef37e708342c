{%- set key = ["department", "measure_id", "period_kind", "start_date"] -%}
{%- set said = [
    "end_date",
    "measure_name",
    "department_code",
    "unit_code",
    "direction",
    "planned",
    "actual",
    "attainment_share",
    "state",
    "rule",
    "closing_date",
] -%}
with
    earlier as (
        {% if has_earlier_rows() %}
            select
                {{ (key + said) | join(", ") }},
                edition_number,
                edition_kind,
                previous_planned,
                previous_actual,
                previous_state,
                recorded_at
            from {{ this }}
        {% else %}
            select
                {{ (key + said) | join(", ") }},
                cast(null as bigint) as edition_number,
                cast(null as varchar) as edition_kind,
                planned as previous_planned,
                actual as previous_actual,
                state as previous_state,
                cast(null as timestamptz) as recorded_at
            from {{ ref("plan_progress") }}
            where false
        {% endif %}
    ),

    newest as (
        select *
        from earlier
        qualify row_number() over (partition by {{ key | join(", ") }} order by edition_number desc) = 1
    ),

    closed as (select * from {{ ref("plan_progress") }} where closing_date <= {{ local_date(as_of()) }}),

    added as (
        select
            {% for column in key + said %} closed.{{ column }}, {% endfor %}
            coalesce(newest.edition_number, 0) + 1 as edition_number,
            case when newest.state is null then 'closing' else 'restatement' end as edition_kind,
            newest.planned as previous_planned,
            newest.actual as previous_actual,
            newest.state as previous_state,
            {{ as_of() }} as recorded_at
        from closed
        left join newest using ({{ key | join(", ") }})
        where
            newest.state is null
            or closed.planned is distinct from newest.planned
            or closed.actual is distinct from newest.actual
            -- data that cannot be used today take back nothing that was said when they could
            or (closed.state <> newest.state and closed.state <> 'not_assessable')
    )

select *
from earlier
union all
select *
from added
