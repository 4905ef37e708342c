-- a department numbers its own posts: readings belong to a post of the department that sent them
with
    known as (
        select
            feed,
            datastream_id,
            max(phenomenon_at) as phenomenon_at,
            min(phenomenon_at) filter (not {{ is_clock_wrong("phenomenon_at", "result_at") }}) as first_at
        from {{ ref("stg_observation") }}
        group by all
    ),

    streams as (
        select
            feed,
            datastream_id,
            {{ department_of("feed") }} as department,
            lamp_post_id,
            property_code,
            first_at
        from {{ ref("stg_observation") }}
        inner join known using (feed, datastream_id, phenomenon_at)
    ),

    -- the newest version of every post, also of those that were taken down
    posts as (
        select
            {{ department_of("_feed") }} as department,
            lamp_post_id,
            area_code,
            latitude,
            longitude,
            _op,
            _loaded_at
        from {{ source("records", "lamp_post") }}
        qualify
            row_number() over (
                partition by {{ department_of("_feed") }}, lamp_post_id order by _loaded_at desc, _rec desc
            )
            = 1
    )

select
    streams.feed,
    streams.datastream_id,
    streams.department,
    streams.lamp_post_id,
    streams.property_code,
    posts.area_code as given_area_code,
    posts.latitude,
    posts.longitude,
    streams.first_at,
    case when posts._op = 'D' then posts._loaded_at end as ended_at
from streams
left join posts using (department, lamp_post_id)
where streams.first_at is not null
