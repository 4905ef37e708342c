-- an answer that nothing changed is worth what the answer before it was; an empty one tells nothing, unless
-- only what is new was asked for
with
    answers as (
        select
            feed,
            fetched_at,
            last_value(
                case when not_modified then null else received > 0 or cursor_from is not null end ignore nulls
            ) over (partition by feed order by fetched_at, delivery_id) as is_telling
        from {{ source("ops", "delivery") }}
        where verdict = 'accepted' and replays is null and window_start is null and window_end is null
    )

select distinct feed, fetched_at as heard_at
from answers
where is_telling
