from __future__ import annotations

import requests

LAYER = "/fire/arcgis/rest/services/Calls/FeatureServer/0"
ALL = {"where": "1=1", "outFields": "*", "f": "json"}


def test_the_layer_tells_its_page_size_its_key_and_its_dates(ask) -> None:
    layer = ask(LAYER, f="json").json()
    assert layer["maxRecordCount"] == 500
    assert layer["objectIdField"] == "OBJECTID"
    assert {field["type"] for field in layer["fields"] if field["name"].endswith("Date")} == {"esriFieldTypeDate"}


def test_pages_add_up_to_the_count_and_only_the_last_is_not_cut_off(ask) -> None:
    count = ask(f"{LAYER}/query", **ALL, returnCountOnly="true").json()["count"]
    ids: list[int] = []
    more = True
    while more:
        page = ask(f"{LAYER}/query", **ALL, resultOffset=len(ids), orderByFields="OBJECTID ASC").json()
        ids += [feature["attributes"]["OBJECTID"] for feature in page["features"]]
        more = page.get("exceededTransferLimit", False)
    assert len(ids) == count > 500
    assert ids == sorted(set(ids)) == ask(f"{LAYER}/query", **ALL, returnIdsOnly="true").json()["objectIds"]


def test_dates_are_epoch_milliseconds_and_null_until_they_are_reached(ask) -> None:
    rows = [f["attributes"] for f in ask(f"{LAYER}/query", **ALL).json()["features"]]
    assert all(row["ReceivedDate"] > 1_780_000_000_000 for row in rows)
    assert any(row["OnSceneDate"] is None and row["ClearedDate"] is not None for row in rows)


def test_a_date_is_compared_as_a_timestamp_in_utc_or_as_a_number(ask) -> None:
    moment = 1_792_972_800_000
    by_text = ask(f"{LAYER}/query", **{**ALL, "where": "EditDate >= TIMESTAMP '2026-10-26 00:00:00'"}).json()
    by_number = ask(f"{LAYER}/query", **{**ALL, "where": f"(1=1) AND EditDate >= {moment}"}).json()
    assert by_text["features"] == by_number["features"] != []
    assert all(feature["attributes"]["EditDate"] >= moment for feature in by_text["features"])


def test_object_ids_can_be_posted(ask, server) -> None:
    ids = ask(f"{LAYER}/query", **ALL, returnIdsOnly="true").json()["objectIds"][:300]
    form = {"objectIds": ",".join(map(str, ids)), "outFields": "OBJECTID,UnitID", "f": "json"}
    answer = requests.post(f"{server.url}{LAYER}/query", data=form, timeout=10).json()
    assert [feature["attributes"]["OBJECTID"] for feature in answer["features"]] == ids
    assert set(answer["features"][0]["attributes"]) == {"OBJECTID", "UnitID"}


def test_errors_come_inside_an_answer_with_status_200(ask) -> None:
    for wrong in ({"where": ""}, {"where": "Nothing = 1"}, {"where": "x"}, {"orderByFields": "Nothing"}):
        answer = ask(f"{LAYER}/query", **{**ALL, **wrong})
        assert answer.status_code == 200
        assert answer.json()["error"]["code"] == 400


def test_on_day_4_the_first_query_fails_inside_a_200_and_the_next_succeeds(ask, server) -> None:
    server.day = 4
    first, second = (ask(f"{LAYER}/query", **ALL).json() for _ in range(2))
    assert first["error"]["code"] == 500
    assert second["features"]
