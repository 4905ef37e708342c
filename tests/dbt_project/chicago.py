"""Chicago's real records as the contracts would hold them, mapped by hand from the published files."""

from __future__ import annotations

from pathlib import Path

from tests.dbt_project.small_lake import SmallLake

AREA = "CASE WHEN try_cast({} AS DOUBLE) BETWEEN 1 AND 77 THEN CAST(CAST({} AS DOUBLE) AS INTEGER)::VARCHAR END"
DAY = "timezone('America/Chicago', CAST({} AS TIMESTAMP))"

REQUESTS = f"""SELECT Service_Request_Number AS request_id, {DAY.format("Creation_Date")} AS requested_at,
    {DAY.format("Completion_Date")} AS closed_at, 'SAN' AS service_code, Type_of_Service_Request AS service_name,
    CASE WHEN Status LIKE 'Open%' THEN 'open' ELSE 'closed' END AS status, Status LIKE '%Dup' AS is_duplicate,
    {AREA.format("Community_Area", "Community_Area")} AS area_code
    FROM read_csv('{{folder}}/sanitation_complaints_snapshot_2014-11-10.csv.gz', all_varchar = true)
    WHERE Creation_Date <> 'Creation_Date'"""  # the header is repeated inside the data

INCIDENTS = f"""SELECT ID AS incident_id, {DAY.format("Date")} AS occurred_at, {DAY.format("Updated_On")} AS updated_at,
    Primary_Type AS category, {AREA.format("Community_Area", "Community_Area")} AS area_code
    FROM read_csv('{{folder}}/crimes_burglary_2011-07_2014-11.csv.gz', all_varchar = true)"""

INSPECTIONS = """SELECT Inspection_ID AS inspection_id, CAST(Inspection_Date AS DATE) AS inspection_date,
    CASE Results WHEN 'Pass' THEN 'pass' WHEN 'Fail' THEN 'fail' ELSE 'pass_with_conditions' END AS result,
    CAST(Latitude AS DOUBLE) AS latitude, CAST(Longitude AS DOUBLE) AS longitude
    FROM read_csv('{folder}/food_inspections_2011-09_2014-12.csv.gz', all_varchar = true)"""

AREAS = """SELECT feature ->> '$.properties.area_number' AS area_code, feature ->> '$.properties.name' AS area_name,
    CAST(feature -> '$.geometry' AS VARCHAR) AS geometry
    FROM (SELECT unnest(CAST(json -> '$.features' AS JSON[])) AS feature
        FROM read_json_objects('{folder}/community_areas_converted.geojson'))"""

RESIDENTS = f"""SELECT coalesce({AREA.format("CA", "CA")}, CA) AS area_code, 2011 AS year, lower(AGEGP) AS age_group,
    CASE SEXGP WHEN 'FEMALE' THEN 'female' WHEN 'MALE' THEN 'male' ELSE 'all' END AS sex_group,
    CAST(POP2011 AS BIGINT) AS population
    FROM read_csv('{{folder}}/population_estimates_by_community_area_1999_2011.csv', all_varchar = true)"""

RECORDS = {
    ("streets__requests", "service_request"): REQUESTS,
    ("police__incidents", "incident"): INCIDENTS,
    ("health__inspections", "inspection"): INSPECTIONS,
    ("planning__areas", "area"): AREAS,
    ("statistics__residents", "population"): RESIDENTS,
}


def write(small: SmallLake, folder: Path) -> None:
    """Fill an empty lake with the city."""
    small.add("ops.city", {"city": "chicago", "time_zone": "America/Chicago"})
    small.add("ops.clock", {"as_of": "2014-12-31 18:00:00+00"})
    feed = {"feed": "police__incidents", "contract": "incident", "department": "police"}
    small.add("ops.feed", {**feed, "schedule": "0 5 * * *", "due": "06:30", "matters": 1,
                           "critical": False, "active_from": "2014-12-31"})  # fmt: skip
    small.add("ops.delivery", {
        **feed, "delivery_id": "1", "verdict": "accepted", "fetched_at": "2014-12-31 12:00:00+00", "received": 66932,
        "accepted": 66931, "unchanged": 0, "duplicate": 1, "set_aside": 0, "withdrawn": 0,
    })  # fmt: skip
    with small.connect() as connection:
        connection.execute("INSERT INTO ops.area_code SELECT unnest(range(1, 78))::VARCHAR")
        for (feed, kind), sql in RECORDS.items():
            department = feed.split("__")[0]
            connection.execute("INSERT INTO ops.department (department, steward) VALUES (?, ?)", [department, "s"])
            connection.execute(
                f"""INSERT INTO records.{kind} BY NAME
                SELECT *, '{feed}' AS _feed, '1' AS _delivery_id, row_number() OVER () AS _rec, 'U' AS _op,
                    TIMESTAMPTZ '2014-12-31 12:00:00+00' AS _loaded_at FROM ({sql.format(folder=folder)})"""
            )
