-- apart from all the other points, so that only a series that moves concerns its hours
select streams.feed, streams.datastream_id, located.valid_from, located.valid_to, located.area_code
from {{ ref("int_datastreams") }} as streams
inner join
    {{ ref("int_points_located") }} as located
    on located.latitude = streams.latitude
    and located.longitude = streams.longitude
where streams.given_area_code is null
