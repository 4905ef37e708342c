with
    gaps as (
        select
            concat_ws('.', kind, feed, case when kind <> 'never_connected' then first_date end) as gap_key,
            kind,
            feed,
            department,
            null as detail,
            first_date,
            last_date,
            period_count,
            cast([] as varchar[]) as areas,
            null as expected_slice_count,
            null as covered_slice_count,
            due_date,
            filled_at,
            filled_by
        from {{ ref("int_gaps_of_days") }}
        union all
        select
            concat_ws('.', kind, feed, first_date, area_code),
            kind,
            feed,
            {{ department_of("feed") }},
            null,
            first_date,
            last_date,
            period_count,
            areas,
            expected_slice_count,
            covered_slice_count,
            due_date,
            filled_at,
            filled_by
        from {{ ref("int_gaps_of_slices") }}
        union all
        select
            concat_ws('.', 'field_blank', feed, field, first_date),
            'field_blank',
            feed,
            {{ department_of("feed") }},
            field,
            first_date,
            last_date,
            period_count,
            [],
            null,
            null,
            first_date,
            filled_at,
            filled_by
        from {{ ref("int_gaps_of_fields") }}
        union all
        select
            concat_ws('.', 'not_measured', department, dimension),
            'not_measured',
            null,
            department,
            dimension,
            first_date,
            {{ local_date(as_of()) }},
            null,
            [],
            null,
            null,
            first_date,
            null,
            null
        from {{ ref("int_dimensions_unmeasured") }}
        union all
        select
            concat_ws('.', 'never_connected', feed),
            'never_connected',
            feed,
            department,
            null,
            since,
            {{ local_date(as_of()) }},
            null,
            [],
            null,
            null,
            since,
            null,
            null
        from {{ source("ops", "expected_data") }}
        where since <= {{ local_date(as_of()) }}
    )

select
    gaps.* replace (
        -- what a model carries over from another period is there, and is no count
        case
            when filled_at is null and feeds.contract in ({{ "'" ~ estimated_kinds() | join("', '") ~ "'" }})
            then 'estimate'
            else filled_by
        end as filled_by
    )
from gaps
left join {{ source("ops", "feed") }} as feeds using (feed)
