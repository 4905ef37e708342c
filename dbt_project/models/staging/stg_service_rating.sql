-- made by `make fix` from contracts/kinds/service_rating.py: change it there
{{
    config(
        materialized="table",
        meta={
            "parts": {
                "by": ["feed", "rating_id"],
                "of": {"service_rating": ["_feed", "rating_id"]},
            }
        },
    )
}}

select
    _feed as feed,
    rating_id,
    request_id,
    service_code,
    month,
    satisfaction,
    reason_code,
    _delivery_id,
    _extra,
    _loaded_at
from {{ current_rows("records", "service_rating", key=["rating_id"]) }}
