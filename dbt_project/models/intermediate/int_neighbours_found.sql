-- apart from the hours in which both were heard, so that what was measured since does not concern it
select
    one.feed,
    one.datastream_id,
    one.property_code,
    other.feed as other_feed,
    other.datastream_id as other_datastream_id
from {{ ref("int_datastreams") }} as one
inner join {{ ref("sensor_properties") }} as properties using (property_code)
inner join
    {{ ref("int_datastreams") }} as other
    on other.property_code = one.property_code
    and (other.feed, other.datastream_id) <> (one.feed, one.datastream_id)
    and {{ metres_between("one.latitude", "one.longitude", "other.latitude", "other.longitude") }}
    <= properties.neighbour_metres
