{#-
The kinds of record that can be said to cover a time: each with the fields that tell it, which keep the promise of their
names (`_at` an instant, `_date` a day, `year`), and whether the record says its area. A test holds it to the contracts.
-#}
{% macro dated_kinds() -%}
    {{
        return(
            {
                "budget_line": {"fields": ["fiscal_year", "updated_at"], "has_area": false},
                "commitment": {
                    "fields": ["signed_date", "start_date", "end_date", "updated_at"],
                    "has_area": false,
                },
                "emergency_call": {
                    "fields": [
                        "received_at",
                        "dispatched_at",
                        "en_route_at",
                        "on_scene_at",
                        "cleared_at",
                        "updated_at",
                    ],
                    "has_area": true,
                },
                "incident": {"fields": ["occurred_at", "reported_at", "updated_at"], "has_area": true},
                "inspection": {"fields": ["inspection_date"], "has_area": true},
                "lamp_post": {"fields": ["installed_date"], "has_area": true},
                "observation": {"fields": ["phenomenon_at", "result_at"], "has_area": false},
                "opinion_item": {"fields": ["published_at", "updated_at"], "has_area": true},
                "payment": {"fields": ["paid_date", "updated_at"], "has_area": true},
                "permit": {
                    "fields": ["applied_date", "issued_date", "completed_date", "updated_at"],
                    "has_area": true,
                },
                "plan_measure": {"fields": ["period_date", "reported_date"], "has_area": false},
                "plan_target": {"fields": ["year", "adopted_date"], "has_area": false},
                "plan_task": {"fields": ["due_date", "done_date", "updated_at"], "has_area": false},
                "population": {"fields": ["year"], "has_area": true},
                "service_request": {
                    "fields": ["requested_at", "updated_at", "expected_at", "answered_at", "closed_at"],
                    "has_area": true,
                },
            }
        )
    }}
{%- endmacro %}


{#- The local day that a dated field tells. -#}
{% macro day_told_by(field) -%}
    {%- if field.endswith("_at") -%} {{ local_date(field) }}
    {%- elif field.endswith("_date") -%} {{ field }}
    {%- else -%} make_date({{ field }}, 1, 1)
    {%- endif -%}
{%- endmacro %}


{#- The first day of the day, month or year around a day. -#}
{% macro period_of(period, day) -%}
    case
        {{ period }} when 'day' then {{ day }} when 'month' then {{ month_of(day) }} else {{ year_of(day) }}
    end
{%- endmacro %}


{#- The first day of the period after one. -#}
{% macro period_after(period, first_day) -%}
    cast(
        {{ first_day }} + case
            {{ period }}
            when 'day'
            then interval 1 day
            when 'month'
            then interval 1 month
            else interval 1 year
        end as date
    )
{%- endmacro %}


{#- Kinds whose missing periods a model fills with an estimate, which the marts flag. -#}
{% macro estimated_kinds() -%} {{ return(["population"]) }} {%- endmacro %}
