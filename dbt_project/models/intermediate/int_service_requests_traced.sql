{{
    config(
        meta={
            "parts": {
                "by": ["feed", "request_id"],
                "of": {
                    "service_request": ["_feed", "request_id"],
                    "int_service_requests_changed": ["feed", "request_id"],
                },
            }
        }
    )
}}

with
    answers as (
        select _feed as feed, request_id, min(answered_at) as answered_at
        from {{ source("records", "service_request") }}
        where _op <> 'D'
        group by all
    ),

    changes as (
        select
            feed,
            request_id,
            min(happened_at) filter (event = 'closed') as first_closed_at,
            min(happened_at) filter (event = 'reopened' and has_been_closed) as first_reopened_at,
            count(*) filter (event = 'reopened' and has_been_closed) as reopened_count
        from {{ ref("int_service_requests_changed") }}
        group by all
    )

select feed, request_id, answers.answered_at, first_closed_at, first_reopened_at, reopened_count
from changes
left join answers using (feed, request_id)
