-- A schedule that cannot be read would make its feed never due, and what is never due is never missing.
select feed, schedule
from {{ source("ops", "feed") }}
where not regexp_matches(schedule, '^(@(hourly|daily|weekly|monthly)|\S+ \S+( [\d*/,-]+){3})$')
