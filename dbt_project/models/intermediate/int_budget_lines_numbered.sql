-- where two feeds of a department tell of a line, the one that was loaded last is believed
select
    {{ department_of("feed") }} as department,
    budget_line_id,
    fiscal_year,
    department_code,
    programme_code,
    programme_name,
    approved_cents,
    revised_cents,
    coalesce(revised_cents, approved_cents) as budget_cents
from {{ ref("stg_budget_line") }}
qualify
    row_number() over (
        partition by {{ department_of("feed") }}, budget_line_id
        order by updated_at desc nulls last, _loaded_at desc, feed
    )
    = 1
