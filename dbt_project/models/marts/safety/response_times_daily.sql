with
    incidents as (
        select
            incidents.*,
            first_on_scene_at is not null as has_on_scene,
            response_minutes <= standards.standard_minutes as is_within_standard,
            standards.standard_minutes
        from {{ ref("int_emergency_incidents_responded") }} as incidents
        left join {{ ref("response_standards") }} as standards using (call_type)
    ),

    daily as (
        select
            area_code,
            call_type,
            priority,
            received_date as day,
            any_value(standard_minutes) as standard_minutes,
            count(*) as incident_count,
            count(*) filter (has_on_scene) as with_on_scene_count,
            case
                when any_value(standard_minutes) is not null then count(*) filter (is_within_standard)
            end as within_standard_count,
            {{ metric("median_response_minutes") }} as median_response_minutes,
            {{ metric("p90_response_minutes") }} as p90_response_minutes
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
    {{ metric("valid_share") }} as valid_share,
    median_response_minutes,
    p90_response_minutes,
    standard_minutes,
    within_standard_count,
    {{ metric("within_standard_share") }} as within_standard_share
from daily
