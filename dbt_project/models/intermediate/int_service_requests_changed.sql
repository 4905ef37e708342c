{{
    config(
        meta={
            "parts": {
                "by": ["feed", "request_id"],
                "of": {"service_request": ["_feed", "request_id"]},
                "waiting": "is_ahead",
            }
        }
    )
}}

-- Sources keep only today's row of a request; the lake keeps what they said before. Versions stand in
-- the order by which the newest one is current: by stamp, those without first, then by loading and place.
with
    versions as (
        select
            _feed as feed,
            request_id,
            case when _op = 'D' then 'withdrawn' else status end as state,
            requested_at,
            updated_at,
            closed_at,
            _delivery_id as delivery_id,
            _loaded_at as loaded_at,
            row_number() over (
                partition by _feed, request_id order by updated_at nulls first, _loaded_at, _rec
            ) as version
        from {{ source("records", "service_request") }}
    ),

    marked as (
        select
            *,
            state
            is distinct from lag(state) over (partition by feed, request_id order by version) as is_change
        from versions
    ),

    numbered as (
        select *, count(*) filter (is_change) over (partition by feed, request_id order by version) as spell
        from marked
    ),

    -- a spell is what a request was until it became something else; the last word on its closing holds
    spells as (
        select
            feed,
            request_id,
            spell,
            any_value(state) as state,
            arg_min(requested_at, version) as requested_at,
            arg_min_null(updated_at, version) as updated_at,
            arg_max(closed_at, version) as closed_at,
            arg_min(delivery_id, version) as delivery_id,
            arg_min(loaded_at, version) as loaded_at
        from numbered
        group by all
    ),

    followed as (
        select
            *,
            lag(state) over so_far as state_before,
            count(*) filter (state = 'closed') over so_far > 0 as has_been_closed
        from spells
        window so_far as (partition by feed, request_id order by spell)
    ),

    changes as (
        select
            feed,
            request_id,
            'opened' as event,
            null as from_state,
            'open' as to_state,
            requested_at as told_at,
            false as is_ahead,
            false as has_been_closed,
            delivery_id,
            loaded_at,
            0 as spell
        from followed
        where spell = 1
        union all
        select
            feed,
            request_id,
            case
                when state = 'withdrawn'
                then 'withdrawn'
                when state_before = 'withdrawn'
                then 'returned'
                when state = 'open'
                then 'reopened'
                else state
            end,
            coalesce(state_before, 'open'),
            state,
            -- a withdrawal is told by nobody: it is seen; what was closed tomorrow was not closed then
            case
                when 'withdrawn' in (state, coalesce(state_before, 'open'))
                then null
                when state = 'closed'
                then coalesce(case when closed_at <= {{ as_of() }} then closed_at end, updated_at)
                else updated_at
            end,
            state = 'closed' and coalesce(closed_at > {{ as_of() }}, false),
            has_been_closed,
            delivery_id,
            loaded_at,
            spell
        from followed
        where spell > 1 or state <> 'open'
    )

select
    feed,
    request_id,
    row_number() over (partition by feed, request_id order by spell) as event_number,
    event,
    from_state,
    to_state,
    coalesce(told_at, loaded_at) as happened_at,
    {{ local_date("coalesce(told_at, loaded_at)") }} as happened_date,
    told_at is null as is_time_of_loading,
    is_ahead,
    has_been_closed,
    delivery_id,
    loaded_at
from changes
