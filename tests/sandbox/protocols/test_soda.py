from __future__ import annotations

import requests

from sandbox import running
from sandbox.protocols.soda import Throttle

VIEW = "/police/resource/inc-1234.json"
TOKEN = {"X-App-Token": "demo"}


def test_pages_add_up_to_the_sources_own_count(ask, server) -> None:
    count = int(ask(VIEW, TOKEN, **{"$select": "count(*)"}).json()[0]["count"])
    ids: list[str] = []
    while page := ask(VIEW, TOKEN, **{"$limit": 200, "$offset": len(ids), "$order": "id"}).json():
        ids += [row["id"] for row in page]
    assert len(ids) == count == len(server.city.records("police__incidents"))
    assert ids == sorted(ids)


def test_a_page_has_at_most_a_thousand_rows_unless_asked() -> None:
    with running(7, 0.5, 0) as bigger:
        assert len(requests.get(bigger.url + VIEW, timeout=10).json()) == 1000
        assert len(requests.get(bigger.url + VIEW, params={"$limit": 50000}, timeout=10).json()) > 1000


def test_null_fields_are_left_out_and_numbers_are_text(ask) -> None:
    rows = ask(VIEW, TOKEN).json()
    assert all(value is not None for row in rows for value in row.values())
    assert any("location_description" not in row for row in rows)
    assert all(isinstance(row["latitude"], str) for row in rows if "latitude" in row)
    assert any(row["iucr"].startswith("0") for row in rows)


def test_where_compares_floating_timestamps_and_joins_with_and_and_between(ask) -> None:
    low, high = "2026-10-20T00:00:00", "2026-10-22T00:00:00.000"
    asked = [f"updated_on >= '{low}' AND updated_on <= '{high}'", f"(updated_on between '{low}' and '{high}')"]
    one, other = (ask(VIEW, TOKEN, **{"$where": where, "$limit": 5000}).json() for where in asked)
    assert one == other
    assert one
    assert all(low <= row["updated_on"] <= high for row in one)


def test_count_takes_where_and_an_alias(ask) -> None:
    where = "district = 'D01' and primary_type = 'THEFT'"
    rows = ask(VIEW, TOKEN, **{"$where": where}).json()
    assert ask(VIEW, TOKEN, **{"$where": where, "$select": "count(*) as n"}).json() == [{"n": str(len(rows))}]


def test_order_can_fall_and_select_takes_columns(ask) -> None:
    rows = ask(VIEW, TOKEN, **{"$order": "updated_on DESC, id", "$select": "id, updated_on", "$limit": 20}).json()
    assert rows == sorted(rows, key=lambda row: row["updated_on"], reverse=True)
    assert set(rows[0]) == {"id", "updated_on"}


def test_a_query_that_cannot_be_read_is_refused_with_400(ask) -> None:
    for where in ("no_such_column = 'x'", "id >", "id = '1' OR id = '2'", "date > 'yesterday'"):
        answer = ask(VIEW, TOKEN, **{"$where": where})
        assert answer.status_code == 400
        assert answer.json()["error"] is True


def test_callers_without_a_token_who_hurry_are_told_when_to_come_back(ask, monkeypatch) -> None:
    monkeypatch.setattr("sandbox.protocols.soda.time.monotonic", lambda: 1000.0)
    answers = [ask(VIEW, **{"$limit": 1}) for _ in range(25)]
    slow = [answer for answer in answers if answer.status_code == 429]
    assert slow
    assert slow[0].headers["Retry-After"] == "1"
    assert all(ask(VIEW, TOKEN, **{"$limit": 1}).status_code == 200 for _ in range(25))


def test_the_throttle_lets_exactly_so_many_calls_pass_in_a_second(monkeypatch) -> None:
    monkeypatch.setattr("sandbox.protocols.soda.time.monotonic", lambda: 1000.0)
    throttle = Throttle(3)
    assert [throttle.is_open() for _ in range(5)] == [True, True, True, False, False]


def test_on_day_4_the_portal_counts_three_more_than_it_serves(ask, server) -> None:
    server.day = 4
    rows = ask(VIEW, TOKEN, **{"$limit": 50000}).json()
    assert int(ask(VIEW, TOKEN, **{"$select": "count(*)"}).json()[0]["count"]) == len(rows) + 3
