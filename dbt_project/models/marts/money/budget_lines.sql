with
    paid as (
        select
            department,
            budget_line_id,
            cast(sum(amount_cents) as bigint) as paid_cents,
            count(*) as payment_count
        from {{ ref("int_payments_linked") }}
        group by all
    ),

    committed as (
        select
            department,
            budget_line_id,
            cast(sum(committed_cents) as bigint) as committed_cents,
            cast(sum(open_cents) as bigint) as open_commitment_cents
        from {{ ref("int_commitments_linked") }}
        group by all
    ),

    -- what was paid or promised from a line that no budget has is shown with the number it was given
    named as (
        select department, budget_line_id
        from {{ ref("int_budget_lines_numbered") }}
        union
        select department, budget_line_id
        from paid
        union
        select department, budget_line_id
        from committed
    ),

    summed as (
        select
            named.department,
            named.budget_line_id,
            lines.budget_line_id is not null as is_in_budget,
            lines.fiscal_year,
            coalesce(lines.department_code, 'unlinked') as department_code,
            coalesce(lines.programme_code, 'unlinked') as programme_code,
            lines.programme_name,
            lines.approved_cents,
            lines.revised_cents,
            lines.budget_cents,
            coalesce(paid.payment_count, 0) as payment_count,
            coalesce(paid.paid_cents, 0) as paid_to_date_cents,
            coalesce(committed.committed_cents, 0) as committed_cents,
            coalesce(committed.open_commitment_cents, 0) as open_commitment_cents
        from named
        left join {{ ref("int_budget_lines_numbered") }} as lines using (department, budget_line_id)
        left join paid using (department, budget_line_id)
        left join committed using (department, budget_line_id)
    )

select
    *,
    budget_cents - paid_to_date_cents - open_commitment_cents as remaining_cents,
    {{ metric("execution_share") }} as execution_share,
    coalesce(paid_to_date_cents > budget_cents, false) as is_overspent,
    coalesce(paid_to_date_cents + open_commitment_cents > budget_cents, false) as is_overcommitted
from summed
