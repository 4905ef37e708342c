-- made by `make fix` from contracts/kinds/observation.py: change it there
{{
    config(
        materialized="table",
        meta={
            "parts": {
                "by": ["feed", "datastream_id", "phenomenon_at"],
                "of": {"observation": ["_feed", "datastream_id", "phenomenon_at"]},
            }
        },
    )
}}

select
    _feed as feed,
    datastream_id,
    phenomenon_at,
    result_at,
    lamp_post_id,
    property_code,
    unit_code,
    result,
    quality,
    _delivery_id,
    _extra,
    _loaded_at
from {{ current_rows("records", "observation", key=["datastream_id", "phenomenon_at"], stamp="result_at") }}
