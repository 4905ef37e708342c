select
    departments.department,
    departments.title_en,
    departments.title_zh,
    departments.steward,
    count(feeds.feed) as feed_count,
    count(*) filter (feeds.critical) as critical_feed_count
from {{ source("ops", "department") }} as departments
left join {{ source("ops", "feed") }} as feeds using (department)
group by all
