with
    judged as (
        select *, dense_rank() over (partition by feed order by period_date) as place
        from {{ ref("int_slices_judged") }}
        where state <> 'not_judged'
    ),

    -- where no area came there is one gap, not one an area
    measured as (
        select *, count(*) filter (state = 'covered') over (partition by feed, period_date) = 0 as is_whole
        from judged
    ),

    holes as (
        select
            feed,
            place,
            period_date,
            last_date,
            case when is_whole then 'period_missing' else 'area_missing' end as kind,
            case when not is_whole then area_code end as area_code,
            list(area_code order by area_code) filter (
                area_code is not null and state = 'open'
            ) as open_areas,
            list(area_code order by area_code) filter (area_code is not null) as all_areas,
            bool_or(state = 'open') as is_open,
            any_value(judged_at) as judged_at,
            max(brought_at) as filled_at,
            arg_max(filled_by, brought_at) as filled_by
        from measured
        where state <> 'covered'
        group by all
    ),

    -- what is open and what was filled, in whatever way, are gaps of their own
    islands as (
        select
            *,
            place - row_number() over (
                partition by feed, kind, area_code, is_open, case when not is_open then filled_by end
                order by place
            ) as island
        from holes
    ),

    gaps as (
        select
            feed,
            kind,
            area_code,
            is_open,
            min(period_date) as first_date,
            max(last_date) as last_date,
            count(*) as period_count,
            {{ local_date("min(judged_at)") }} as due_date,
            case when not is_open then max(filled_at) end as filled_at,
            case when not is_open then any_value(filled_by) end as filled_by,
            list_sort(
                list_distinct(
                    flatten(list(coalesce(case when is_open then open_areas else all_areas end, [])))
                )
            ) as areas
        from islands
        group by feed, kind, area_code, is_open, case when not is_open then filled_by end, island
    )

select
    gaps.*,
    count(*) as expected_slice_count,
    count(*) filter (measured.state in ('covered', 'filled')) as covered_slice_count
from gaps
inner join
    measured on measured.feed = gaps.feed and measured.period_date between gaps.first_date and gaps.last_date
group by all
