with
    today as (select {{ local_date(as_of()) }} as day),

    programmes as (
        select
            fiscal_year,
            department_code,
            programme_code,
            max(programme_name) as programme_name,
            cast(sum(approved_cents) as bigint) as approved_cents,
            -- lines that were not revised count as approved
            case when count(revised_cents) > 0 then cast(sum(budget_cents) as bigint) end as revised_cents,
            cast(sum(budget_cents) as bigint) as budget_cents
        from {{ ref("int_budget_lines_numbered") }}
        group by all
    ),

    paid as (
        select
            fiscal_year,
            department_code,
            programme_code,
            month,
            count(*) as payment_count,
            cast(sum(amount_cents) as bigint) as paid_cents
        from {{ ref("int_payments_linked") }}
        group by all
    ),

    committed as (
        select
            fiscal_year,
            department_code,
            programme_code,
            {{ month_of("signed_date") }} as month,
            cast(sum(committed_cents) as bigint) as committed_cents
        from {{ ref("int_commitments_linked") }}
        where committed_cents > 0 and signed_date is not null
        group by all
    ),

    -- the fiscal year's months that have begun, and those after and before it in which money moved
    months as (
        select
            fiscal_year,
            department_code,
            programme_code,
            cast({{ fiscal_year_start("fiscal_year") }} + to_months(cast(number as integer)) as date) as month
        from programmes
        cross join range(12) as numbers(number)
        where
            {{ fiscal_year_start("fiscal_year") }} + to_months(cast(number as integer))
            <= (select day from today)
        union
        select fiscal_year, department_code, programme_code, month
        from paid
        union
        select fiscal_year, department_code, programme_code, month
        from committed
    ),

    summed as (
        select
            fiscal_year,
            department_code,
            programme_code,
            programmes.programme_name,
            month,
            programmes.approved_cents,
            programmes.revised_cents,
            programmes.budget_cents,
            coalesce(committed_cents, 0) as committed_cents,
            coalesce(payment_count, 0) as payment_count,
            coalesce(paid_cents, 0) as paid_cents,
            cast(sum(coalesce(committed_cents, 0)) over so_far as bigint) as committed_to_date_cents,
            cast(sum(coalesce(paid_cents, 0)) over so_far as bigint) as paid_to_date_cents,
            {{ fiscal_year_start("fiscal_year") }} as year_start_date,
            {{ fiscal_year_start("fiscal_year + 1") }} as next_year_date
        from months
        left join programmes using (fiscal_year, department_code, programme_code)
        left join paid using (fiscal_year, department_code, programme_code, month)
        left join committed using (fiscal_year, department_code, programme_code, month)
        window so_far as (partition by fiscal_year, department_code, programme_code order by month)
    ),

    timed as (
        select
            * exclude(year_start_date, next_year_date),
            date_diff('day', year_start_date, next_year_date) as year_day_count,
            date_diff(
                'day',
                year_start_date,
                least(
                    greatest(cast(month + interval 1 month as date), year_start_date),
                    next_year_date,
                    cast((select day from today) + 1 as date)
                )
            ) as elapsed_day_count
        from summed
    )

select *, {{ metric("execution_share") }} as execution_share, {{ metric("expected_share") }} as expected_share
from timed
