{#-
Metrics of the registry that a measure of the plan may name, for the whole city, with where they come from: a mart whose
counts are added up, of the rows that `counted` names where it stands on some alone, or the records where a quantile needs
them. The figure itself is the registry's.
-#}
{% macro plan_metrics() -%}
    {%- set measurable = {
        "due_on_time_share": {
            "mart": "service_levels_daily",
            "day": "day",
            "counts": ["due_count", "due_on_time_count"],
        },
        "closed_on_time_share": {
            "mart": "service_levels_daily",
            "day": "day",
            "counts": ["closed_with_target_count", "closed_on_time_count"],
        },
        "within_standard_share": {
            "mart": "response_times_daily",
            "day": "day",
            "counts": ["with_response_time_count", "within_standard_count"],
            "counted": "standard_share is not null",
        },
        "median_response_minutes": {
            "mart": "response_times_daily",
            "day": "received_date",
            "records": "int_emergency_incidents_responded",
        },
        "p90_response_minutes": {
            "mart": "response_times_daily",
            "day": "received_date",
            "records": "int_emergency_incidents_responded",
        },
    } -%}
    {{ return(measurable) }}
{%- endmacro %}
