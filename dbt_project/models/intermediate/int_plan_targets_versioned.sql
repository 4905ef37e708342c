-- a version counts where it promises something else than the one before; a new wording of the same is none
with
    versions as (
        select
            {{ department_of("_feed") }} as department,
            measure_id,
            year,
            quarter,
            cast(
                {{ fiscal_year_start("year") }} + to_months(cast(3 * (quarter - 1) as integer)) as date
            ) as starts_on,
            target,
            baseline,
            direction,
            unit_code,
            coalesce(accrual, 'level') as accrual,
            adopted_date,
            reason,
            _op = 'D' as is_withdrawn,
            _loaded_at as seen_at,
            {'at':_loaded_at, 'feed':_feed, 'delivery':_delivery_id, 'rec':_rec} as place
        from {{ source("records", "plan_target") }}
    ),

    compared as (
        select
            *,
            {
                'target':target,
                'direction':direction,
                'unit_code':unit_code,
                'accrual':accrual,
                'is_withdrawn':is_withdrawn
            } as promise
        from versions
    ),

    changes as (
        select *
        from compared
        qualify
            promise is distinct from lag(promise) over (
                partition by department, measure_id, year, quarter order by place
            )
    ),

    numbered as (
        select
            *,
            cast(row_number() over history as bigint) as version_number,
            lag(target) over history as previous_target,
            lag(is_withdrawn) over history as was_withdrawn,
            lead(seen_at) over history as replaced_at
        from changes
        window history as (partition by department, measure_id, year, quarter order by place)
    )

select
    * exclude(place, promise, starts_on, was_withdrawn),
    starts_on as period_start_date,
    cast(starts_on + interval 3 month - interval 1 day as date) as period_end_date,
    {{ local_date("seen_at") }} as seen_date,
    case
        when is_withdrawn
        then 'withdrawn'
        when version_number = 1
        then 'adopted'
        when was_withdrawn
        then 'restored'
        else 'changed'
    end as change_kind
from numbered
