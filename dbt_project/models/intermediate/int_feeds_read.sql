-- apart from the series, so that what a feed told since does not concern what they are
-- a back-fill or replay says nothing of what a feed had to tell since
select feed, max(fetched_at) as read_until
from {{ source("ops", "delivery") }}
where verdict = 'accepted' and replays is null and window_start is null
group by all
