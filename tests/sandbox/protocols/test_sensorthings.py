from __future__ import annotations

import requests

ROOT = "/lighting/FROST/v1.1"
EXPAND = "Datastream($select=@iot.id,name,unitOfMeasurement,properties;$expand=Thing($select=@iot.id))"


def test_following_the_links_brings_every_reading_once(ask, server) -> None:
    page = ask(f"{ROOT}/Observations", **{"$top": 1000, "$count": "true", "$orderby": "resultTime,@iot.id"}).json()
    count, rows = page["@iot.count"], page["value"]
    while "@iot.nextLink" in page:
        page = requests.get(page["@iot.nextLink"], timeout=10).json()
        rows += page["value"]
    assert len(rows) == count == len(server.city.records("lighting__observations"))
    assert [row["resultTime"] for row in rows] == sorted(row["resultTime"] for row in rows)


def test_a_page_has_a_hundred_entities_unless_asked_and_never_more_than_a_thousand(ask) -> None:
    assert len(ask(f"{ROOT}/Observations").json()["value"]) == 100
    assert len(ask(f"{ROOT}/Observations", **{"$top": 9999}).json()["value"]) == 1000


def test_linked_entities_come_only_where_they_are_expanded(ask) -> None:
    assert "Datastream" not in ask(f"{ROOT}/Observations").json()["value"][0]
    flat = ask(f"{ROOT}/Observations", **{"$expand": "Datastream($select=@iot.id)"}).json()["value"][0]
    assert set(flat["Datastream"]) == {"@iot.id"}
    nested = ask(f"{ROOT}/Observations", **{"$expand": EXPAND}).json()["value"][0]
    assert nested["Datastream"]["Thing"]["@iot.id"]
    assert nested["Datastream"]["properties"]["property_code"]
    assert "Locations" not in ask(f"{ROOT}/Things").json()["value"][0]
    point = ask(f"{ROOT}/Things", **{"$expand": "Locations"}).json()["value"][0]["Locations"][0]["location"]
    assert point["type"] == "Point"


def test_filter_compares_times_and_counts_what_is_left(ask) -> None:
    text = "phenomenonTime ge 2026-10-26T00:00:00Z and phenomenonTime lt 2026-10-26T05:00:00.000Z"
    page = ask(f"{ROOT}/Observations", **{"$filter": text, "$count": "true", "$top": 1000}).json()
    assert page["@iot.count"] == len(page["value"]) > 0
    assert all("2026-10-26T00" <= row["phenomenonTime"] < "2026-10-26T05" for row in page["value"])


def test_what_cannot_be_understood_is_refused(ask) -> None:
    assert ask(f"{ROOT}/Observations", **{"$filter": "result near 5"}).status_code == 400
    assert ask(f"{ROOT}/Observations", **{"$orderby": "nothing"}).status_code == 400
    assert ask(f"{ROOT}/Sensors").status_code == 404


def test_the_service_lists_its_entity_sets(ask) -> None:
    assert [entry["name"] for entry in ask(ROOT).json()["value"]] == ["Things", "Observations"]
