{#-
What is counted of each area, and from what: the only list of the kinds of record that meet in the profiles of areas. A
group is known or unknown as a whole: in a month from which nothing of its first count is known in the whole city, its
counts are blank. What belongs to no group is shown as it is. Counts add up over areas and months.
-#}
{% macro area_kinds() -%}
    {{
        return(
            [
                {
                    "group": "requests",
                    "from": "int_service_requests_classified",
                    "area": "area_code",
                    "day": "opened_date",
                    "counts": {
                        "request_count": "count(*)",
                        "counted_request_count": "count(*) filter (counting_class= 'counted')",
                    },
                },
                {
                    "group": "requests",
                    "from": "int_service_requests_classified",
                    "area": "area_code",
                    "day": day_in("due_on_time_share"),
                    "where": counts_in("due_on_time_share"),
                    "counts": {
                        "due_count": "count(*)",
                        "due_on_time_count": "count(*) filter (" ~ succeeds_in("due_on_time_share") ~ ")",
                    },
                },
                {
                    "group": "incidents",
                    "from": "stg_incident",
                    "area": placed("area_code"),
                    "day": local_date("occurred_at"),
                    "counts": {"incident_count": "count(*)"},
                },
                {
                    "group": "emergency_incidents",
                    "from": "int_emergency_incidents_responded",
                    "area": "area_code",
                    "day": "received_date",
                    "counts": {"emergency_incident_count": "count(*)"},
                },
                {
                    "group": "issued_permits",
                    "from": "stg_permit",
                    "area": placed("area_code"),
                    "day": "issued_date",
                    "counts": {
                        "issued_permit_count": "count(*)",
                        "issued_permit_cost_cents": "coalesce(sum(estimated_cost_cents), 0)",
                    },
                },
                {
                    "group": "inspections",
                    "from": "int_inspections_placed",
                    "area": "area_code",
                    "day": "inspection_date",
                    "counts": {
                        "inspection_count": "count(*)",
                        "inspection_failed_count": "count(*) filter (is_failed)",
                    },
                },
                {
                    "group": "payments",
                    "from": "stg_payment",
                    "area": placed("area_code"),
                    "day": "paid_date",
                    "counts": {"payment_count": "count(*)", "payment_cents": "sum(amount_cents)"},
                },
                {
                    "group": "opinion_items",
                    "from": "stg_opinion_item",
                    "area": placed("area_code"),
                    "day": local_date("published_at"),
                    "counts": {"opinion_item_count": "count(*)"},
                },
                {
                    "group": none,
                    "from": "int_base_stations_reported",
                    "area": "area_code",
                    "day": "day",
                    "counts": {
                        "station_day_count": "count(*)",
                        "reporting_day_count": "count(*) filter (is_reporting)",
                    },
                },
                {
                    "group": none,
                    "from": "street_light_outages",
                    "area": "area_code",
                    "day": "night",
                    "counts": {
                        "lamp_night_count": "count(*) filter (observed_minutes > 0)",
                        "dark_lamp_night_count": "count(*) filter (outage_minutes > 0)",
                    },
                },
            ]
        )
    }}
{%- endmacro %}


{#- The counts of each group, in order; those of no group are listed under `none`. -#}
{% macro area_groups(kinds) -%}
    {%- set groups = {} -%}
    {%- for kind in kinds -%}
        {%- do groups.setdefault(kind.group or "none", []).extend(kind.counts.keys()) -%}
    {%- endfor -%}
    {{ return(groups) }}
{%- endmacro %}
