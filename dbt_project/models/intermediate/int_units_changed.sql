-- the reading before may lie as far back as it likes, which few series make anybody look for
with
    several as (
        select feed, datastream_id
        from {{ ref("stg_observation") }}
        group by all
        having min(unit_code) <> max(unit_code)
    )

select feed, datastream_id, phenomenon_at
from {{ ref("stg_observation") }}
semi join several using (feed, datastream_id)
qualify unit_code <> lag(unit_code) over (partition by feed, datastream_id order by phenomenon_at)
