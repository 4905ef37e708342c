from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from extractors import Delivery, FetchError, Window
from tests import mariadb, postgresql

Fetched = Callable[..., Delivery]
Fill = Callable[[str, list[tuple[Any, ...]]], str]
COLUMNS = "pay_id integer, part text, amount numeric(10, 2), memo text, changed_at timestamp"


def rows_of(delivery: Delivery) -> list[dict[str, str | None]]:
    return [json.loads(line) for page in delivery.pages for line in page.read_text().splitlines()]


def payments(number: int) -> list[tuple[Any, ...]]:
    return [(row, "a", "1234.50", None, f"2026-10-25 13:00:{row:02}") for row in range(1, number + 1)]


@pytest.fixture(params=["sqlite", "postgresql", "mariadb", "duckdb"])
def fill(request: pytest.FixtureRequest, lake_home: Path) -> Iterator[Fill]:
    """Makes a table of payments in one of the databases and tells its address."""
    if request.param == "sqlite":
        yield lambda columns, rows: _fill_sqlite(lake_home / "finance.db", columns, rows)
        return
    if request.param == "duckdb":
        yield lambda columns, rows: _fill_duckdb(lake_home / "finance.duckdb", columns, rows)
        return
    if request.param == "mariadb":
        with mariadb.own_database() as writer:
            yield lambda columns, rows: _fill_mariadb(writer, columns, rows)
        return
    with postgresql.own_schema() as connection:
        yield lambda columns, rows: _fill_postgres(connection, columns, rows)


def _fill_sqlite(place: Path, columns: str, rows: list[tuple[Any, ...]]) -> str:
    with closing(sqlite3.connect(place)) as connection, connection:
        # a numeric column of SQLite keeps 1234.50 as 1234.5; departments that care keep amounts as text
        connection.execute(f"CREATE TABLE payments ({columns.replace('numeric(10, 2)', 'text')})")
        for row in rows:
            connection.execute(f"INSERT INTO payments VALUES ({', '.join('?' * len(row))})", row)
    return f"sqlite:///{place.name}"


def _fill_duckdb(place: Path, columns: str, rows: list[tuple[Any, ...]]) -> str:
    with duckdb.connect(str(place)) as connection:
        connection.execute(f"CREATE TABLE payments ({columns})")
        for row in rows:
            connection.execute(f"INSERT INTO payments VALUES ({', '.join('?' * len(row))})", row)
    return f"duckdb:///{place.name}"


def _fill_mariadb(writer: mariadb.Writer, columns: str, rows: list[tuple[Any, ...]]) -> str:
    # a timestamp column of MariaDB puts the present instant in the place of a null
    writer.run("CREATE TABLE {own}.payments (" + columns.replace("timestamp", "datetime") + ")")
    for row in rows:
        writer.run("INSERT INTO {own}.payments VALUES (" + ", ".join(map(_mariadb_literal, row)) + ")")
    return mariadb.URL


def _mariadb_literal(value: Any) -> str:
    if value is None or isinstance(value, int):
        return "NULL" if value is None else str(value)
    return "'" + value.replace("'", "''") + "'"


def _fill_postgres(connection: psycopg.Connection[Any], columns: str, rows: list[tuple[Any, ...]]) -> str:
    connection.execute(f"CREATE TABLE payments ({columns})")
    for row in rows:
        connection.execute(f"INSERT INTO payments VALUES ({', '.join(['%s'] * len(row))})", row)
    return postgresql.URL


@pytest.mark.parametrize(("number", "pages"), [(0, 1), (3, 1), (5, 1), (6, 2), (12, 3)])
def test_all_rows_come_in_the_order_of_their_key(fill: Fill, fetched: Fetched, number: int, pages: int) -> None:
    url = fill(COLUMNS, payments(number))
    delivery = fetched(system="sql", url=url, table="payments", key=["pay_id"], page_size=5)
    assert [row["pay_id"] for row in rows_of(delivery)] == [str(row) for row in range(1, number + 1)]
    assert len(delivery.pages) == pages
    assert (delivery.receipt.records, delivery.receipt.source_count) == (number, number)
    assert delivery.receipt.layout.format == "ndjson"


def test_values_are_text_as_the_database_prints_them(fill: Fill, fetched: Fetched) -> None:
    url = fill(COLUMNS, [(7, 'it\'s "so" 好', "1234.50", None, "2026-10-25 13:00:01")])
    delivery = fetched(system="sql", url=url, table="payments", key=["pay_id"])
    assert rows_of(delivery) == [
        {"pay_id": "7", "part": 'it\'s "so" 好', "amount": "1234.50", "memo": None, "changed_at": "2026-10-25 13:00:01"}
    ]


def test_a_key_of_several_columns_pages_without_loss(fill: Fill, fetched: Fetched) -> None:
    rows = [(number, part, "1", None, None) for number in (2, 10) for part in ("a'b", "c", "d")]
    delivery = fetched(system="sql", url=fill(COLUMNS, rows), table="payments", key=["pay_id", "part"], page_size=2)
    assert [(row["pay_id"], row["part"]) for row in rows_of(delivery)] == [(str(row[0]), row[1]) for row in rows]


def test_the_cursor_is_asked_from_its_own_row_on(fill: Fill, fetched: Fetched) -> None:
    told = {"system": "sql", "url": fill(COLUMNS, payments(5)), "table": "payments", "key": ["pay_id"]}
    delivery = fetched("2026-10-25 13:00:03", cursor="changed_at", **told)
    assert [row["pay_id"] for row in rows_of(delivery)] == ["3", "4", "5"]
    assert (delivery.receipt.source_count, delivery.receipt.cursor_to) == (3, "2026-10-25 13:00:05")


def test_a_numeric_cursor_is_compared_as_a_number(fill: Fill, fetched: Fetched) -> None:
    told = {"system": "sql", "url": fill(COLUMNS, payments(12)), "table": "payments", "key": ["pay_id"]}
    delivery = fetched("9", cursor="pay_id", **told)
    assert [row["pay_id"] for row in rows_of(delivery)] == ["9", "10", "11", "12"]
    assert delivery.receipt.cursor_to == "12"


@pytest.mark.parametrize(
    ("kind", "stamps"),
    [
        ("timestamp", ["2026-10-25 00:59:59", "2026-10-25 01:00:00", "2026-10-25 01:59:59", "2026-10-25 02:00:00"]),
        ("text", ["2026-10-25T00:59:59", "2026-10-25T01:00:00", "2026-10-25T01:59:59", "2026-10-25T02:00:00"]),
        ("text", ["2026-10-25T05:59:59Z", "2026-10-25T06:00:00Z", "2026-10-25T06:59:59Z", "2026-10-25T07:00:00Z"]),
        ("date", ["2026-10-24", "2026-10-25", "2026-10-25", "2026-10-26"]),
    ],
)
def test_a_window_is_written_as_the_database_writes(fill: Fill, fetched: Fetched, kind: str, stamps: list[str]) -> None:
    window = Window(datetime(2026, 10, 25, 6, tzinfo=UTC), datetime(2026, 10, 25, 7, tzinfo=UTC))
    url = fill(f"pay_id integer, changed_at {kind}", list(enumerate(stamps)))
    delivery = fetched(None, window, system="sql", url=url, table="payments", key=["pay_id"], cursor="changed_at")
    assert [row["pay_id"] for row in rows_of(delivery)] == ["1", "2"]


def test_a_table_that_is_not_there_is_told_in_the_databases_words(fill: Fill, fetched: Fetched) -> None:
    with pytest.raises(FetchError, match="no such table: nowhere|nowhere.* (does not|doesn.t) exist") as failure:
        fetched(system="sql", url=fill(COLUMNS, payments(1)), table="nowhere", key=["pay_id"])
    assert "SELECT" not in str(failure.value)


def test_a_key_that_is_no_column_is_told_with_the_columns(fill: Fill, fetched: Fetched) -> None:
    with pytest.raises(FetchError, match="payments has no column 'id'; it has pay_id, part"):
        fetched(system="sql", url=fill(COLUMNS, payments(1)), table="payments", key=["id"])


def test_a_database_that_cannot_be_reached_is_named_without_its_password(fetched: Fetched) -> None:
    url = "postgresql://clerk:geheim@127.0.0.1:9/finance"
    with pytest.raises(FetchError, match="postgresql://127.0.0.1:9/finance: the database says: .*refused") as failure:
        fetched(system="sql", url=url, table="payments", key=["pay_id"])
    assert failure.value.temporary
    assert "geheim" not in str(failure.value) and "clerk" not in str(failure.value)


def test_an_address_from_the_environment_is_used(
    lake_home: Path, fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = _fill_sqlite(lake_home / "finance.db", COLUMNS, payments(2))
    told = {"system": "sql", "url_env": "FINANCE_URL", "table": "payments", "key": ["pay_id"]}
    with pytest.raises(FetchError, match="environment variable FINANCE_URL is not set"):
        fetched(**told)
    monkeypatch.setenv("FINANCE_URL", url)
    assert fetched(**told).receipt.records == 2


def test_an_address_from_the_environment_takes_the_place_of_the_one_in_the_file(
    lake_home: Path, fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"system": "sql", "url_env": "FINANCE_URL", "table": "payments", "key": ["pay_id"]}
    told["url"] = _fill_sqlite(lake_home / "of_the_file.db", COLUMNS, payments(2))
    assert fetched(**told).receipt.records == 2
    monkeypatch.setenv("FINANCE_URL", _fill_sqlite(lake_home / "finance.db", COLUMNS, payments(3)))
    assert fetched(delivery_id="20261027T113000Z", **told).receipt.records == 3


@pytest.mark.parametrize(
    ("url", "message"), [("sqlite:///nowhere.db", "no such database file"), ("oracle://127.0.0.1/x", "must start with")]
)
def test_a_database_that_is_not_there_is_told(fetched: Fetched, url: str, message: str) -> None:
    with pytest.raises(FetchError, match=message):
        fetched(system="sql", url=url, table="payments", key=["pay_id"])


def test_an_overlap_asks_for_late_corrections_too(fill: Fill, fetched: Fetched) -> None:
    told = {"system": "sql", "url": fill(COLUMNS, payments(5)), "table": "payments", "key": ["pay_id"]}
    delivery = fetched("2026-10-25 13:00:04", cursor="changed_at", overlap="PT2S", **told)
    assert [row["pay_id"] for row in rows_of(delivery)] == ["2", "3", "4", "5"]
