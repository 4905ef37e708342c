with
    -- of readings that follow each other without a turn, both numbers grow by one
    runs as (
        select
            *,
            lead(phenomenon_at) over lamp as next_at,
            row_number() over lamp
            - row_number() over (partition by feed, datastream_id, is_lit order by phenomenon_at) as run
        from {{ ref("int_lamp_readings_lit") }}
        window lamp as (partition by feed, datastream_id order by phenomenon_at)
    ),

    dark as (
        select
            feed,
            datastream_id,
            min(night) as first_night,
            max(night) as last_night,
            min(phenomenon_at) as started_at,
            -- the reading after the last dark one, if there is one, was lit
            arg_max(next_at, phenomenon_at) filter (next_at is not null) as after_at,
            max(phenomenon_at) as last_dark_at,
            min(coalesce(result_at, phenomenon_at)) as told_at,
            true as is_measured
        from runs
        where not is_lit
        group by feed, datastream_id, run
    ),

    outages as (
        select * replace(case when after_at > last_dark_at then after_at end as after_at)
        from dark
        union all
        -- a lamp of which nothing was heard all night may be dark: only people can tell
        select feed, datastream_id, night, night, sunset_at, sunrise_at, null, null, false
        from {{ ref("int_lamp_nights") }} as nights
        anti join {{ ref("int_lamp_readings_lit") }} using (feed, datastream_id, night)
    ),

    requests as (
        select distinct
            requests.feed as request_feed,
            requests.request_id,
            requests.requested_at,
            requests.latitude,
            requests.longitude
        from {{ ref("stg_service_request") }} as requests
        inner join
            {{ ref("street_light_services") }} as services on requests.service_name ilike services.name_like
        where requests.latitude is not null and requests.longitude is not null
    ),

    lamps as (select feed, datastream_id, latitude, longitude from {{ ref("int_datastreams") }}),

    near as (
        select
            requests.*,
            outages.feed,
            outages.datastream_id,
            outages.started_at,
            {{
                metres_between(
                    "lamps.latitude", "lamps.longitude", "requests.latitude", "requests.longitude"
                )
            }} as metres
        from outages
        inner join lamps using (feed, datastream_id)
        inner join
            requests
            on case
                when outages.is_measured
                -- people may see it before the next reading does, and tell of it when it is mended
                then
                    requests.requested_at >= outages.started_at - interval 3 hours
                    and coalesce(requests.requested_at < outages.after_at + interval 1 day, true)
                else requests.requested_at between outages.started_at and outages.after_at
            end
        where metres <= {{ request_metres() }}
    ),

    -- a request speaks of one lamp, the nearest dark one, and of the outage that began last
    linked as (
        select *
        from near
        qualify
            row_number() over (
                partition by request_feed, request_id order by metres, feed, datastream_id, started_at desc
            )
            = 1
    ),

    first_requests as (
        select
            feed,
            datastream_id,
            started_at,
            arg_min(
                {'feed':request_feed, 'request_id':request_id, 'requested_at':requested_at},
                (requested_at, request_feed, request_id)
            ) as request
        from linked
        group by all
    ),

    told as (
        select
            outages.feed,
            outages.datastream_id,
            nights.lamp_post_id,
            nights.area_code,
            outages.started_at,
            case when is_measured then outages.after_at end as ended_at,
            outages.first_night,
            outages.last_night,
            outages.is_measured,
            -- what a sensor tells when the lamp is lit again comes too late to be noticed by
            case when coalesce(told_at <= after_at, is_measured) then told_at end as told_at,
            request.feed as request_feed,
            request.request_id,
            request.requested_at
        from outages
        left join first_requests using (feed, datastream_id, started_at)
        left join
            {{ ref("int_lamp_nights") }} as nights
            on nights.feed = outages.feed
            and nights.datastream_id = outages.datastream_id
            and nights.night = outages.first_night
        where outages.is_measured or request is not null
    )

select
    *,
    case
        when coalesce(told_at <= requested_at, told_at is not null)
        then 'sensor'
        when requested_at is not null
        then 'resident'
        else 'nobody'
    end as first_noticed_by
from told
