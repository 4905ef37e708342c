{{
    config(
        meta={
            "parts": {
                "by": [{"hour": "phenomenon_at"}],
                "of": {
                    "stg_observation": [{"hour": "phenomenon_at", "for": 24}],
                    "int_units_changed": [{"hour": "phenomenon_at"}],
                    "int_readings_refused": [{"hour": "phenomenon_at"}],
                },
            }
        }
    )
}}

with
    kept as (
        select
            feed,
            datastream_id,
            phenomenon_at,
            result_at,
            unit_code,
            result,
            {{ is_clock_wrong("phenomenon_at", "result_at") }} as is_clock_wrong
        from {{ ref("stg_observation") }}
    ),

    measured as (
        select
            kept.*,
            properties.* exclude (unit_code),
            kept.result * units.factor + units.summand as standard_result,
            lag(kept.unit_code) over series as earlier_unit_code,
            lag(kept.result) over series as earlier_result,
            lag(kept.phenomenon_at) over series as earlier_at
        from kept
        inner join {{ ref("int_datastreams") }} as streams using (feed, datastream_id)
        inner join {{ ref("sensor_properties") }} as properties using (property_code)
        left join
            {{ ref("sensor_units") }} as units
            on units.property_code = streams.property_code
            and units.unit_code = kept.unit_code
        window series as (partition by feed, datastream_id order by phenomenon_at)
    ),

    -- the same value goes on for as long as no other one came and the sensor was not silent in between
    runs as (
        select
            *,
            max(
                case
                    when
                        result is distinct from earlier_result
                        or unit_code is distinct from earlier_unit_code
                        or phenomenon_at - earlier_at > {{ patience("interval_minutes") }}
                    then phenomenon_at
                end
            ) over (partition by feed, datastream_id order by phenomenon_at rows unbounded preceding)
            as same_since_at
        from measured
    ),

    judged as (
        select
            feed,
            datastream_id,
            phenomenon_at,
            -- a clock that is wrong cannot say when it was
            case
                when is_clock_wrong then coalesce(result_at, phenomenon_at) else phenomenon_at
            end as heard_at,
            unit_code,
            result,
            standard_result,
            false as is_set_aside,
            coalesce(standard_result not between lowest and highest, false) as is_out_of_range,
            -- a part knows the readings of the 23 hours before it, which is longer than any value may stay
            coalesce(
                result is distinct from flat_line_allowed
                and phenomenon_at - same_since_at >= to_minutes(flat_line_intervals * interval_minutes),
                false
            ) as is_flat_line,
            units_changed.phenomenon_at is not null as is_unit_changed,
            is_clock_wrong,
            not is_clock_wrong
            and coalesce(result_at - phenomenon_at > {{ patience("interval_minutes") }}, false) as is_late
        from runs
        left join {{ ref("int_units_changed") }} as units_changed using (feed, datastream_id, phenomenon_at)
        union all
        select
            feed,
            datastream_id,
            phenomenon_at,
            case when is_clock_wrong then fetched_at else least(phenomenon_at, fetched_at) end,
            null,
            null,
            null,
            true,
            is_out_of_range,
            false,
            false,
            is_clock_wrong,
            false
        from {{ ref("int_readings_refused") }}
        semi join {{ ref("int_datastreams") }} using (feed, datastream_id)
        anti join kept using (feed, datastream_id, phenomenon_at)
    )

select *, date_trunc('hour', heard_at) as hour
from judged
