-- A first reason whose rule left no check result would vanish from the scores.
select set_aside.feed, set_aside.delivery_id, set_aside.rec
from {{ source("ops", "set_aside") }} as set_aside
anti join
    {{ source("ops", "check_result") }} as checks
    on checks.feed = set_aside.feed
    and checks.delivery_id = set_aside.delivery_id
    and checks.rule = (set_aside.reasons ->> '$[0].rule')
