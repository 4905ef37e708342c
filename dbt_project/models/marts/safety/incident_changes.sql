-- what is withdrawn or has ended is written as a version of what it was; only its state is new
with
    versions as (
        select
            _feed as feed,
            incident_id,
            _op,
            _row_hash,
            _delivery_id as delivery_id,
            _loaded_at,
            _rec,
            updated_at,
            occurred_at,
            category,
            category_code,
            is_arrest,
            {{ placed("area_code") }} as area_code,
            (category, category_code, description) as offence,
            (area_code, block, location_kind, latitude, longitude) as place
        from {{ source("records", "incident") }}
    ),

    ordered as (
        select
            *,
            row_number() over versions as version_number,
            lag(_op) over versions as op_before,
            lag(_row_hash) over versions as hash_before,
            lag(offence) over versions as offence_before,
            lag(category) over versions as category_before,
            lag(is_arrest) over versions as is_arrest_before,
            lag(place) over versions as place_before,
            lag(area_code) over versions as area_code_before,
            lag(occurred_at) over versions as occurred_before
        from versions
        window versions as (partition by feed, incident_id order by updated_at nulls first, _loaded_at, _rec)
    ),

    compared as (
        select
            *,
            case
                when _op = 'D'
                then 'withdrawn'
                when _op = 'E'
                then 'ended'
                when op_before <> 'U'
                then 'returned'
                else 'corrected'
            end as status,
            offence is distinct from offence_before as has_new_category,
            is_arrest is distinct from is_arrest_before as has_new_arrest,
            place is distinct from place_before as has_new_place,
            occurred_at is distinct from occurred_before as has_new_time
        from ordered
        -- one that was sent again just as it was is no change
        where version_number > 1 and (_op <> op_before or _row_hash <> hash_before)
    )

select
    compared.feed,
    {{ department_of("compared.feed") }} as department,
    incident_id,
    version_number,
    coalesce(deliveries.fetched_at, compared._loaded_at) as seen_at,
    {{ local_date("coalesce(deliveries.fetched_at, compared._loaded_at)") }} as seen_date,
    compared.updated_at,
    {{ local_date("occurred_at") }} as happened_date,
    status,
    has_new_category,
    has_new_arrest,
    has_new_place,
    has_new_time,
    status = 'corrected'
    and not (has_new_category or has_new_arrest or has_new_place or has_new_time) as has_other_news,
    category_before,
    category,
    area_code_before,
    area_code,
    is_arrest_before,
    is_arrest
from compared
left join {{ source("ops", "delivery") }} as deliveries using (feed, delivery_id)
