"""A feed that asks again from before its cursor on, for corrections that the source brings late."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies

from extractors import Delivery, Window
from extractors.clocks import earlier
from tests.extractors.little_server import Call, LittleServer, Reply

Fetched = Callable[..., Delivery]
DAY = timedelta(days=1)


def empty(call: Call) -> Reply:
    """Answer as an empty source of any kind does."""
    if call.params.get("$select") == "count(*)":
        return Reply([{"count": "0"}])
    if "/FeatureServer/" in call.path:
        return Reply({"objectIdField": "OBJECTID", "features": [], "count": 0})
    return Reply({"value": []} if "Observations" in call.path else [])


ASKED = [
    ({"system": "socrata", "url": "/r.json", "cursor": "on"}, "2026-10-25T13:00:00.000", "$where",
     "on >= '2026-10-24T13:00:00.000'"),
    ({"system": "socrata", "url": "/r.json", "cursor": ":updated_at"}, "2026-10-25T13:00:00.123Z", "$where",
     ":updated_at >= '2026-10-24T13:00:00.123Z'"),
    ({"system": "arcgis", "url": "/FeatureServer/0", "cursor": "at"}, "1792900000999", "where",
     "1=1 AND at >= TIMESTAMP '2026-10-24 03:46:40'"),
    ({"system": "open311", "url": "/r.json", "cursor": "updated_datetime"}, "2026-10-24T06:00:00-05:00",
     "updated_after", "2026-10-23T10:59:59Z"),
    ({"system": "sensorthings", "url": "/Observations", "cursor": "phenomenonTime"}, "2026-10-24T12:00:00Z", "$filter",
     "phenomenonTime ge 2026-10-23T12:00:00Z"),
]  # fmt: skip


@pytest.mark.parametrize(("told", "cursor", "name", "asked"), ASKED)
def test_each_kind_of_system_is_asked_from_before_the_cursor_on(
    server: LittleServer, fetched: Fetched, told: dict[str, Any], cursor: str, name: str, asked: str
) -> None:
    server.answer = empty
    receipt = fetched(cursor, **{**told, "url": server.url + told["url"]}, overlap="P1D").receipt
    assert server.calls[-1].params[name] == asked
    assert receipt.cursor_from == cursor


@pytest.mark.parametrize(
    ("cursor", "came"),
    [("2026-10-25 13:00:00", [2, 3, 4]), ("2026-10-25", [2, 3, 4]), ("4", [4])],
)
def test_a_table_is_asked_from_before_the_cursor_on_but_not_by_a_number(
    lake_home: Path, fetched: Fetched, cursor: str, came: list[int]
) -> None:
    is_number = cursor.isdigit()
    stamps = ["2026-10-23 12:00:00", "2026-10-24 13:00:00", "2026-10-25 12:59:59", "2026-10-25 13:00:00"]
    with closing(sqlite3.connect(lake_home / "finance.db")) as connection, connection:
        connection.execute("CREATE TABLE pay (id integer, at text)")
        for number, stamp in enumerate(stamps, start=1):
            connection.execute("INSERT INTO pay VALUES (?, ?)", (number, stamp[: len(cursor)] if not is_number else ""))
    told = {"system": "sql", "url": "sqlite:///finance.db", "table": "pay", "key": ["id"]}
    receipt = fetched(cursor, **told, cursor="id" if is_number else "at", overlap="P1D").receipt
    assert receipt.records == len(came)


def test_a_window_is_asked_for_as_it_is(server: LittleServer, fetched: Fetched) -> None:
    server.answer = empty
    window = Window(datetime(2026, 10, 1, 5, tzinfo=UTC), datetime(2026, 10, 2, 5, tzinfo=UTC))
    fetched(None, window, system="socrata", url=server.url, cursor="on", overlap="P1D")
    assert server.calls[0].params["$where"] == "on >= '2026-10-01T00:00:00' AND on < '2026-10-02T00:00:00'"


@given(
    strategies.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)),
    strategies.timedeltas(timedelta(0), timedelta(days=400)),
    strategies.sampled_from(["seconds", "milliseconds", "microseconds", "minutes"]),
    strategies.sampled_from(["", "Z", "+05:30", "-05:00"]),
    strategies.sampled_from("T "),
)
def test_a_value_steps_back_by_the_whole_span_at_least_and_keeps_its_form(
    clock: datetime, span: timedelta, digits: str, offset: str, between: str
) -> None:
    text = clock.isoformat(between, digits) + offset
    stepped = earlier(text, span)
    assert len(stepped) == len(text)
    assert datetime.fromisoformat(text) - datetime.fromisoformat(stepped) >= span


@pytest.mark.parametrize("text", ["12", "20261025", "soon", "", "0001-01-01"])
def test_what_is_no_date_or_has_none_before_it_stays(text: str) -> None:
    assert earlier(text, DAY) == text
