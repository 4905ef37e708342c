{{ config(meta={"parts": {"by": ["day"], "of": {"int_emergency_incidents_responded": ["received_date"]}}}) }}

with
    -- a standard of the priority comes before that of all priorities
    standards as (
        select
            call_type,
            priorities.priority,
            arg_min(
                {'minutes':standard_minutes, 'share':standard_share}, standards.priority is null
            ) as standard
        from {{ ref("response_standards") }} as standards
        inner join
            (
                select distinct call_type, priority from {{ ref("int_emergency_incidents_responded") }}
            ) as priorities using (call_type)
        where coalesce(standards.priority = priorities.priority, standards.priority is null)
        group by all
    ),

    responses as (
        select
            feed,
            call_id,
            count(*) as response_count,
            count(*) filter (is_valid) as valid_response_count,
            any_value(turnout_seconds) filter (is_valid and is_first_unit) as turnout_seconds,
            any_value(travel_seconds) filter (is_valid and is_first_unit) as travel_seconds
        from {{ ref("emergency_responses") }}
        group by all
    ),

    incidents as (
        select
            incidents.*,
            responses.* exclude (feed, call_id),
            first_on_scene_at is not null as has_on_scene,
            response_minutes <= standard.minutes as is_within_standard,
            standard.minutes as standard_minutes,
            standard.share as standard_share
        from {{ ref("int_emergency_incidents_responded") }} as incidents
        inner join responses using (feed, call_id)
        left join
            standards
            on standards.call_type = incidents.call_type
            and standards.priority is not distinct from incidents.priority
    ),

    daily as (
        select
            area_code,
            call_type,
            priority,
            received_date as day,
            any_value(standard_minutes) as standard_minutes,
            any_value(standard_share) as standard_share,
            count(*) as incident_count,
            count(*) filter (has_on_scene) as with_on_scene_count,
            count(response_minutes) as with_response_time_count,
            case
                when any_value(standard_minutes) is not null then count(*) filter (is_within_standard)
            end as within_standard_count,
            cast(sum(response_count) as bigint) as response_count,
            cast(sum(valid_response_count) as bigint) as valid_response_count,
            {{ metric("median_response_minutes") }} as median_response_minutes,
            {{ metric("p90_response_minutes") }} as p90_response_minutes,
            {{ metric("median_turnout_minutes") }} as median_turnout_minutes,
            {{ metric("p90_turnout_minutes") }} as p90_turnout_minutes,
            {{ metric("median_travel_minutes") }} as median_travel_minutes,
            {{ metric("p90_travel_minutes") }} as p90_travel_minutes
        from incidents
        group by all
    )

select
    area_code,
    call_type,
    priority,
    day,
    incident_count,
    with_on_scene_count,
    with_response_time_count,
    {{ metric("valid_share") }} as valid_share,
    response_count,
    valid_response_count,
    {{ metric("valid_response_share") }} as valid_response_share,
    median_response_minutes,
    p90_response_minutes,
    median_turnout_minutes,
    p90_turnout_minutes,
    median_travel_minutes,
    p90_travel_minutes,
    standard_minutes,
    standard_share,
    within_standard_count,
    {{ metric("within_standard_share") }} as within_standard_share,
    within_standard_share >= standard_share as is_standard_met
from daily
