-- a department numbers its own posts: readings belong to a post of the department that sent them
with
    stations as (
        select
            posts.feed,
            posts.lamp_post_id,
            {{ department_of("posts.feed") }} as department,
            posts.area_code as given_area_code,
            posts.latitude,
            posts.longitude
        from {{ ref("stg_lamp_post") }} as posts
        where posts.is_base_station
    ),

    -- its sensors measure at the same instants, of each of which the day is asked once
    instants as (
        select distinct feed, lamp_post_id, phenomenon_at
        from {{ ref("stg_observation") }}
        semi join stations using (lamp_post_id)
        where not {{ is_clock_wrong("phenomenon_at", "result_at") }}
    ),

    days_of_feeds as (
        select distinct feed, lamp_post_id, {{ local_date("phenomenon_at") }} as day from instants
    ),

    reporting_days as (
        select distinct {{ department_of("feed") }} as department, lamp_post_id, day from days_of_feeds
    ),

    -- the first day and the one on which the readings were last read are incomplete and promise nothing
    known_days as (
        select
            {{ department_of("feed") }} as department,
            lamp_post_id,
            min(day) as first_day,
            {{ local_date("max(read_until)") }} as last_day
        from days_of_feeds
        left join {{ ref("int_feeds_read") }} using (feed)
        group by all
    )

select
    stations.feed,
    stations.lamp_post_id,
    stations.department,
    {{ placed("coalesce(stations.given_area_code, located.area_code)") }} as area_code,
    dates.day,
    dates.month,
    reporting_days.day is not null as is_reporting
from stations
inner join known_days using (department, lamp_post_id)
inner join
    {{ ref("int_dates") }} as dates on dates.day > known_days.first_day and dates.day < known_days.last_day
left join
    reporting_days
    on reporting_days.department = stations.department
    and reporting_days.lamp_post_id = stations.lamp_post_id
    and reporting_days.day = dates.day
left join
    {{ ref("int_points_located") }} as located
    on located.latitude = stations.latitude
    and located.longitude = stations.longitude
    and {{ holds_on("located", "dates.day") }}
