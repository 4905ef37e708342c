-- what its contract refused never entered the lake, but the sensor did speak, and this is what was wrong
select
    feed,
    regexp_extract(record_key, '^(.*)[|][^|]*$', 1) as datastream_id,
    try_cast(regexp_extract(record_key, '[^|]*$') as timestamptz) as phenomenon_at,
    min(deliveries.fetched_at) as fetched_at,
    bool_or(contains(reasons, '"rule":"out_of_range"')) as is_out_of_range,
    bool_or(contains(reasons, '"rule":"in_the_future"')) as is_clock_wrong
from {{ source("ops", "set_aside") }}
inner join {{ source("ops", "delivery") }} as deliveries using (feed, delivery_id)
anti join
    (select * from {{ source("ops", "set_aside_event") }} where event in ('replayed', 'mended')) as closed
    using (feed, delivery_id, rec)
where
    deliveries.contract = 'observation'
    and try_cast(regexp_extract(record_key, '[^|]*$') as timestamptz) is not null
group by all
