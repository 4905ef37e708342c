select
    payments.feed,
    payments.payment_id,
    {{ department_of("payments.feed") }} as department,
    payments.budget_line_id,
    payments.commitment_id,
    payments.paid_date,
    {{ month_of("payments.paid_date") }} as month,
    payments.amount_cents,
    payments.payee_name as payee_pseudonym,
    payments.payee_kind,
    {{ placed("payments.area_code") }} as area_code,
    lines.budget_line_id is not null as is_linked,
    coalesce(lines.fiscal_year, {{ fiscal_year_of("payments.paid_date") }}) as fiscal_year,
    coalesce(lines.department_code, 'unlinked') as department_code,
    coalesce(lines.programme_code, 'unlinked') as programme_code
from {{ ref("stg_payment") }} as payments
left join
    {{ ref("int_budget_lines_numbered") }} as lines
    on lines.department = {{ department_of("payments.feed") }}
    and lines.budget_line_id = payments.budget_line_id
