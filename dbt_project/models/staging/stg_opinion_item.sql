-- made by `make fix` from contracts/kinds/opinion_item.py: change it there
{{
    config(
        materialized="table",
        meta={
            "parts": {
                "by": ["feed", "item_id"],
                "of": {"opinion_item": ["_feed", "item_id"]},
            }
        },
    )
}}

select
    _feed as feed,
    item_id,
    source_code,
    published_at,
    updated_at,
    title,
    body,
    language,
    url,
    area_code,
    _delivery_id,
    _extra,
    _loaded_at
from {{ current_rows("records", "opinion_item", key=["item_id"], stamp="updated_at") }}
