-- made by `civiclake generate` from contracts/kinds/observation.py: change it there
select
    datastream_id,
    phenomenon_at,
    result_at,
    lamp_post_id,
    property_code,
    unit_code,
    result,
    quality,
    _feed,
    _delivery_id,
    _extra,
    _loaded_at
from {{ current_rows("records", "observation", key=["datastream_id", "phenomenon_at"], stamp="result_at") }}
