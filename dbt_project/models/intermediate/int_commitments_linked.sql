with
    paid as (
        select department, commitment_id, cast(sum(amount_cents) as bigint) as paid_cents
        from {{ ref("int_payments_linked") }}
        where commitment_id is not null
        group by all
    ),

    commitments as (
        select {{ department_of("feed") }} as department, * exclude(feed)
        from {{ ref("stg_commitment") }}
        qualify
            row_number() over (
                partition by {{ department_of("feed") }}, commitment_id
                order by updated_at desc nulls last, _loaded_at desc, feed
            )
            = 1
    )

select
    commitments.department,
    commitments.commitment_id,
    commitments.budget_line_id,
    commitments.status,
    commitments.signed_date,
    commitments.amount_cents,
    -- a contract binds from its signature; a cancelled one never did
    case when status in ('active', 'terminated') then commitments.amount_cents else 0 end as committed_cents,
    coalesce(paid.paid_cents, 0) as paid_cents,
    case
        when status = 'active'
        then greatest(commitments.amount_cents - coalesce(paid.paid_cents, 0), 0)
        else 0
    end as open_cents,
    lines.budget_line_id is not null as is_linked,
    coalesce(lines.fiscal_year, {{ fiscal_year_of("commitments.signed_date") }}) as fiscal_year,
    coalesce(lines.department_code, 'unlinked') as department_code,
    coalesce(lines.programme_code, 'unlinked') as programme_code
from commitments
left join paid using (department, commitment_id)
left join {{ ref("int_budget_lines_numbered") }} as lines using (department, budget_line_id)
