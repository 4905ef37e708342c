from __future__ import annotations

import json

SEARCH = "/buildings/api/3/action/datastore_search"


def test_pages_add_up_to_the_total(ask) -> None:
    numbers: list[str] = []
    while True:
        result = ask(SEARCH, resource_id="permits", limit=100, offset=len(numbers)).json()["result"]
        if not result["records"]:
            break
        numbers += [record["permit_number"] for record in result["records"]]
    assert len(numbers) == len(set(numbers)) == result["total"]


def test_a_page_has_a_hundred_records_unless_asked_and_the_next_link_is_there_even_past_the_end(ask) -> None:
    result = ask(SEARCH, resource_id="permits").json()["result"]
    assert len(result["records"]) == 100
    past = ask(SEARCH, resource_id="permits", offset=100_000).json()["result"]
    assert past["records"] == []
    assert "offset=100100" in past["_links"]["next"]


def test_every_value_but_the_row_number_is_text(ask) -> None:
    result = ask(SEARCH, resource_id="permits").json()["result"]
    assert {field["id"] for field in result["fields"] if field["type"] != "text"} == {"_id"}
    assert {type(v) for r in result["records"] for name, v in r.items() if name != "_id"} == {str}
    assert any("," in record["est_cost"] for record in result["records"])


def test_records_can_be_filtered_and_sorted(ask) -> None:
    filters = json.dumps({"district": ["D01", "D02"], "status": "Issued"})
    found = ask(SEARCH, resource_id="permits", filters=filters, sort="permit_number desc").json()["result"]["records"]
    assert {r["district"] for r in found} == {"D01", "D02"}
    assert found == sorted(found, key=lambda r: r["permit_number"], reverse=True)


def test_sql_is_switched_off_and_an_unknown_resource_is_not_found(ask) -> None:
    refused, absent = ask(f"{SEARCH}_sql", sql="SELECT 1"), ask(SEARCH, resource_id="other")
    assert (refused.status_code, absent.status_code) == (403, 404)
    assert refused.json()["success"] is absent.json()["success"] is False
    assert ask(SEARCH, resource_id="permits", filters="{").status_code == 409


def test_on_day_2_every_call_is_answered_with_503_and_all_comes_on_day_3(ask, server) -> None:
    server.day = 2
    closed = ask(SEARCH, resource_id="permits")
    assert (closed.status_code, closed.headers["Retry-After"]) == (503, "3600")
    server.day = 3
    missed = "10/27/2026"
    records = ask(SEARCH, resource_id="permits", limit=1000).json()["result"]["records"]
    assert any(record["applied"] == missed for record in records)
