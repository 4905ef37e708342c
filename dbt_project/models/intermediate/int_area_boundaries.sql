with
    versions as (
        select
            _feed as feed,
            area_code,
            area_name,
            area_name_zh,
            geometry,
            _op,
            _rec,
            _loaded_at,
            {{ local_date("_loaded_at") }} as day
        from {{ source("records", "area") }}
    ),

    days as (select distinct area_code, day from versions),

    -- the last word of each feed by the end of each day on which anything was said
    told as (
        select days.day as by_day, versions.*
        from days
        inner join versions on versions.area_code = days.area_code and versions.day <= days.day
        qualify
            row_number() over (
                partition by days.area_code, days.day, versions.feed order by _loaded_at desc, _rec desc
            )
            = 1
    ),

    -- where several feeds describe an area, the one that was loaded last is believed
    believed as (
        select
            days.area_code,
            days.day,
            {
                'area_name':told.area_name, 'area_name_zh':told.area_name_zh, 'geometry':told.geometry
            } as described
        from days
        left join told on told.area_code = days.area_code and told.by_day = days.day and told._op <> 'D'
        qualify
            row_number() over (partition by days.area_code, days.day order by told._loaded_at desc, told.feed)
            = 1
    ),

    changed as (
        select *, lag(day) over (partition by area_code order by day) is null as is_first
        from believed
        qualify
            is_first or described is distinct from lag(described) over (partition by area_code order by day)
    ),

    -- what was known first is taken to have always been so
    dated as (
        select
            area_code,
            case when not is_first then day end as valid_from,
            lead(day) over (partition by area_code order by day) as valid_to,
            described
        from changed
    )

select
    listed.area_code,
    dated.valid_from,
    dated.valid_to,
    coalesce(dated.described.area_name, listed.area_code) as area_name,
    dated.described.area_name_zh,
    dated.described.geometry
from {{ source("ops", "area_code") }} as listed
left join dated using (area_code)
