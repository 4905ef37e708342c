-- made by `civiclake generate` from contracts/kinds/opinion_item.py: change it there
select
    item_id,
    source_code,
    published_at,
    updated_at,
    title,
    body,
    language,
    url,
    area_code,
    _feed,
    _delivery_id,
    _extra,
    _loaded_at
from {{ current_rows("records", "opinion_item", key=["item_id"], stamp="updated_at") }}
