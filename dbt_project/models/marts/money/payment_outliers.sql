with
    payments as (
        select
            *,
            -- payments differ by orders of magnitude: what is far from the middle is seen in their logarithms
            case when amount_cents > 0 then ln(amount_cents) end as log_amount,
            count(*) over (partition by department, payee_pseudonym, amount_cents, paid_date) as same_count,
            min(payment_id) over (
                partition by department, payee_pseudonym, amount_cents, paid_date
            ) as first_of_same_id
        from {{ ref("int_payments_linked") }}
    ),

    compared as (
        select *, {{ metric("payment_robust_z") }} as robust_z, count(log_amount) over peers as peer_count
        from payments
        window peers as (partition by fiscal_year, department_code, programme_code, payee_kind)
    ),

    limits as (
        select payment_id, feed, min(limit_name) as limit_name
        from compared
        inner join
            {{ ref("payment_limits") }} as limits
            on amount_cents < limit_cents
            and amount_cents >= limit_cents * 0.95
        group by all
    ),

    flagged as (
        select
            compared.*,
            limits.limit_name,
            coalesce(robust_z > 3.5, false) as is_far_above_peers,
            payee_pseudonym is not null and amount_cents > 0 and same_count > 1 as is_same_as_another,
            limits.limit_name is not null as is_just_below_limit,
            amount_cents >= 100000 and amount_cents % 100000 = 0 as is_round_amount
        from compared
        left join limits using (feed, payment_id)
    )

select
    department,
    feed,
    payment_id,
    paid_date,
    fiscal_year,
    department_code,
    programme_code,
    area_code,
    payee_kind,
    amount_cents,
    robust_z,
    peer_count,
    is_far_above_peers,
    is_same_as_another,
    case when is_same_as_another then first_of_same_id end as same_as_payment_id,
    case when is_same_as_another then same_count end as same_count,
    is_just_below_limit,
    limit_name,
    is_round_amount,
    concat_ws(
        '; ',
        case
            when is_far_above_peers then 'much larger than most payments of its programme and kind of payee'
        end,
        case when is_same_as_another then 'same payee, amount and day as another payment' end,
        case when is_just_below_limit then 'just below the limit called ' || limit_name end,
        case when is_round_amount then 'a round amount' end
    )
    || '. This is information and may well be right: ask the department before drawing a conclusion.' as note
from flagged
where is_far_above_peers or is_same_as_another or is_just_below_limit or is_round_amount
