"""Thirteen seconds of Chicago's Array of Things, September 2018, as the contracts would hold them."""

from __future__ import annotations

from pathlib import Path

from tests.dbt_project.chicago import AREAS
from tests.dbt_project.small_lake import SmallLake

UNITS = {"temperature": "C", "humidity": "RH", "pressure": "hPa"}

# numbers stand in value_hrf; what is "NA" there was not measured
READINGS = """SELECT node_id || '/' || sensor || '/' || parameter AS datastream_id, node_id AS lamp_post_id,
    strptime(timestamp, '%Y/%m/%d %H:%M:%S') AT TIME ZONE 'UTC' AS phenomenon_at,
    parameter AS property_code, MAP {units}[parameter] AS unit_code, CAST(value_hrf AS DOUBLE) AS result
    FROM read_csv('{folder}/array_of_things_2018-09-28_sample.csv', all_varchar = true)
    WHERE parameter IN ('temperature', 'humidity', 'pressure')"""

NODES = """SELECT id AS lamp_post_id, true AS is_base_station, CAST(latitude AS DOUBLE) AS latitude,
    CAST(longitude AS DOUBLE) AS longitude
    FROM read_csv('{folder}/array_of_things_nodes.csv', all_varchar = true) WHERE decommissioned_on IS NULL"""

RECORDS = {
    ("environment__nodes", "lamp_post"): NODES,
    ("environment__readings", "observation"): READINGS,
    ("planning__areas", "area"): AREAS,
}


def write(small: SmallLake, folder: Path) -> None:
    """Fill an empty lake with the sensors, read ten seconds after the last of their readings."""
    small.add("ops.city", {"city": "chicago", "time_zone": "America/Chicago"})
    small.add("ops.clock", {"as_of": "2018-09-28 16:36:10+00"})
    small.add("ops.delivery", {
        "feed": "environment__readings", "delivery_id": "1", "contract": "observation", "verdict": "accepted",
        "fetched_at": "2018-09-28 16:36:06+00",
    })  # fmt: skip
    with small.connect() as connection:
        connection.execute("INSERT INTO ops.area_code SELECT unnest(range(1, 78))::VARCHAR")
        for (feed, kind), sql in RECORDS.items():
            connection.execute(
                f"""INSERT INTO records.{kind} BY NAME
                SELECT *, '{feed}' AS _feed, '1' AS _delivery_id, row_number() OVER () AS _rec, 'U' AS _op,
                    TIMESTAMPTZ '2018-09-28 16:36:08+00' AS _loaded_at
                FROM ({sql.format(folder=folder, units=UNITS)})"""
            )
