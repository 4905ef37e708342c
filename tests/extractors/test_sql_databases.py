"""What each kind of database does its own way, and what goes wrong in one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from pydantic import ValidationError

from extractors import Delivery, FetchError, sql
from extractors.databases import Database
from extractors.paging import Page
from tests import mariadb
from tests.postgresql import SCHEMA, URL, own_schema

Fetched = Callable[..., Delivery]
TENTH, ELEVENTH = "20261027T113000Z", "20261028T113000Z"


def rows_of(delivery: Delivery) -> list[dict[str, str | None]]:
    return [json.loads(line) for page in delivery.pages for line in page.read_text().splitlines()]


@pytest.fixture
def maria() -> Iterator[mariadb.Writer]:
    with mariadb.own_database() as writer:
        yield writer


@pytest.fixture
def postgres() -> Iterator[psycopg.Connection[Any]]:
    with own_schema() as connection:
        yield connection


@pytest.fixture
def lite(lake_home: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(lake_home / "finance.db", isolation_level=None)) as connection:
        yield connection


def between_pages(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Let something happen once, after the first page was asked for."""
    asked, left = sql.Table.page, [happens]

    def page(table: sql.Table, conditions: list[str], last: tuple[str, ...], spool: Path) -> Page:
        found = asked(table, conditions, last, spool)
        if left:
            left.pop()()
        return found

    monkeypatch.setattr(sql.Table, "page", page)


def test_values_of_mariadb_come_as_it_prints_them(maria: mariadb.Writer, fetched: Fetched) -> None:
    maria.run("SET sql_mode = ''")
    maria.run(
        "CREATE TABLE {own}.odd (k bigint unsigned, born date, seen datetime(6), is_open boolean, flag bit(1), "
        "amount decimal(20,4), share double, raw varbinary(8), told json, took time, name text)"
    )
    maria.run(
        "INSERT INTO {own}.odd VALUES (18446744073709551615, '0000-00-00', '2026-10-25 13:00:00.123456', 1, b'0', "
        "1234.5000, 0.1, x'ff00', '{\"a\": 1}', '25:00:01', '好 \\\\ ''x')"
    )
    (row,) = rows_of(fetched(system="sql", url=mariadb.URL, table="odd", key=["k"]))
    assert row == {
        "k": "18446744073709551615", "born": "0000-00-00", "seen": "2026-10-25 13:00:00.123456", "is_open": "1",
        "flag": "0", "amount": "1234.5000", "share": "0.1", "raw": "FF00", "told": '{"a": 1}', "took": "25:00:01",
        "name": "好 \\ 'x",
    }  # fmt: skip


def test_large_numbers_are_ordered_exactly(maria: mariadb.Writer, fetched: Fetched) -> None:
    numbers = [9007199254740992 + step for step in range(5)]
    maria.run("CREATE TABLE {own}.large (k bigint)")
    maria.run("INSERT INTO {own}.large VALUES " + ", ".join(f"({number})" for number in numbers))
    delivery = fetched(system="sql", url=mariadb.URL, table="large", key=["k"], page_size=2)
    assert [row["k"] for row in rows_of(delivery)] == list(map(str, numbers))


@pytest.mark.parametrize(
    "kind", ["varchar(9) COLLATE utf8mb4_general_ci", "varchar(9) COLLATE utf8mb4_bin", "varbinary(30)"]
)
def test_texts_are_paged_in_the_databases_own_order(maria: mariadb.Writer, fetched: Fetched, kind: str) -> None:
    keys = ["Ä", "B", "é", "e\\f", "z'", "10", "9", "好"]
    maria.run("CREATE TABLE {own}.texts (k " + kind + ", name text)")
    for key in keys:
        literal = f"_utf8mb4 x'{key.encode().hex()}'"
        maria.run("INSERT INTO {own}.texts VALUES (" + f"{literal}, {literal})")
    delivery = fetched(system="sql", url=mariadb.URL, table="texts", key=["k"], page_size=1)
    assert sorted(str(row["name"]) for row in rows_of(delivery)) == sorted(keys)


@pytest.mark.parametrize("alike", [("a", "A"), ("e", "é"), ("a", "a ")])
def test_keys_that_the_database_takes_for_the_same_are_refused(
    maria: mariadb.Writer, fetched: Fetched, alike: tuple[str, str]
) -> None:
    maria.run("CREATE TABLE {own}.texts (k varchar(9) COLLATE utf8mb4_general_ci, part int)")
    for part, key in enumerate(alike):
        maria.run("INSERT INTO {own}.texts VALUES (" + f"_utf8mb4 x'{key.encode().hex()}', {part})")
    told = {"system": "sql", "url": mariadb.URL, "page_size": 1}
    with pytest.raises(FetchError, match="several rows have the same k as the database compares it") as failure:
        fetched(table="texts", key=["k"], **told)
    assert not failure.value.temporary
    assert len(rows_of(fetched(table="texts", key=["k", "part"], **told))) == 2
    binary = fetched(query="SELECT BINARY k AS id, k FROM texts", key=["id"], delivery_id=TENTH, **told)
    assert {row["k"] for row in rows_of(binary)} == set(alike)


def test_a_key_that_is_null_in_a_row_is_refused(lite: sqlite3.Connection, fetched: Fetched) -> None:
    lite.execute("CREATE TABLE payments (pay_id integer, part text)")
    lite.execute("INSERT INTO payments VALUES (1, 'a'), (1, NULL), (2, 'b')")
    with pytest.raises(FetchError, match="pay_id, part is null in 1 rows, which no order would reach"):
        fetched(system="sql", url="sqlite:///finance.db", table="payments", key=["pay_id", "part"])


def test_a_query_takes_the_place_of_a_table(lite: sqlite3.Connection, fetched: Fetched) -> None:
    lite.execute("CREATE TABLE payments (pay_id integer, amount text)")
    lite.executemany("INSERT INTO payments VALUES (?, ?)", [(row, "1") for row in range(1, 13)])
    query = """
        SELECT pay_id + 1 AS number, -- a column without a declared type
            amount || '.00' AS amount
        FROM payments WHERE pay_id <> 5;
    """
    told = {"system": "sql", "url": "sqlite:///finance.db", "query": query, "key": ["number"], "cursor": "number"}
    delivery = fetched(page_size=4, **told)
    assert [row["number"] for row in rows_of(delivery)] == [str(row) for row in range(2, 14) if row != 6]
    assert (delivery.receipt.source_count, delivery.receipt.cursor_to) == (11, "13")
    again = fetched("9", delivery_id=TENTH, **told)
    assert [row["number"] for row in rows_of(again)] == ["9", "10", "11", "12", "13"]


@pytest.mark.parametrize("told", [{"table": "a", "query": "SELECT 1"}, {}])
def test_a_feed_names_a_table_or_a_query(read_feed: Callable[..., Any], told: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="give `table` or `query`"):
        read_feed(system="sql", url="sqlite:///x.db", key=["k"], **told)


@pytest.mark.parametrize(
    "query", ["DELETE FROM payments", "DROP TABLE payments", "SELECT 1 AS pay_id) AS t; DROP TABLE payments -- "]
)
def test_what_is_no_question_changes_nothing(
    lite: sqlite3.Connection, postgres: psycopg.Connection[Any], maria: mariadb.Writer, lake_home: Path,
    fetched: Fetched, query: str,
) -> None:  # fmt: skip
    lite.execute("CREATE TABLE payments AS SELECT 1 AS pay_id")
    postgres.execute("CREATE TABLE payments AS SELECT 1 AS pay_id")
    maria.run("CREATE TABLE {own}.payments AS SELECT 1 AS pay_id")
    with duckdb.connect(str(lake_home / "finance.duckdb")) as connection:
        connection.execute("CREATE TABLE payments AS SELECT 1 AS pay_id")
    for number, url in enumerate(("sqlite:///finance.db", URL, mariadb.URL, "duckdb:///finance.duckdb")):
        told = {"system": "sql", "url": url, "key": ["pay_id"]}
        # SQLite answers the first of several statements and never comes to the second
        with suppress(FetchError) if ";" in query else pytest.raises(FetchError, match="the database says"):
            fetched(query=query, delivery_id=f"query-{number}", **told)
        assert fetched(table="payments", delivery_id=f"table-{number}", **told).receipt.records == 1


def test_a_function_that_writes_is_refused_by_postgresql(postgres: psycopg.Connection[Any], fetched: Fetched) -> None:
    postgres.execute("CREATE TABLE payments (pay_id integer)")
    body = "INSERT INTO payments VALUES (9) RETURNING pay_id"
    postgres.execute(f"CREATE FUNCTION pay() RETURNS int LANGUAGE sql AS '{body}'")
    with pytest.raises(FetchError, match="cannot execute INSERT in a read-only transaction"):
        fetched(system="sql", url=URL, query="SELECT pay() AS pay_id", key=["pay_id"])
    assert postgres.execute("SELECT count(*) FROM payments").fetchone() == (0,)


@pytest.mark.parametrize("query", ["SELECT * FROM read_text('/etc/hostname')", "SELECT * FROM '/etc/x.csv'"])
def test_a_query_of_a_duckdb_file_reads_nothing_beside_it(lake_home: Path, fetched: Fetched, query: str) -> None:
    duckdb.connect(str(lake_home / "finance.duckdb")).close()
    with pytest.raises(FetchError, match="the database says: .*disabled"):
        fetched(system="sql", url="duckdb:///finance.duckdb", query=query, key=["filename"])


def test_all_pages_of_postgresql_show_one_state(
    postgres: psycopg.Connection[Any], fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres.execute("CREATE TABLE payments (pay_id integer, amount text)")
    postgres.execute("INSERT INTO payments SELECT n, 'old' FROM generate_series(1, 9) AS n")

    def change() -> None:
        postgres.execute("UPDATE payments SET amount = 'new'")
        postgres.execute("DELETE FROM payments WHERE pay_id = 8")
        postgres.execute("INSERT INTO payments VALUES (10, 'new')")

    between_pages(monkeypatch, change)
    delivery = fetched(system="sql", url=URL, table="payments", key=["pay_id"], page_size=2)
    assert [(row["pay_id"], row["amount"]) for row in rows_of(delivery)] == [(str(n), "old") for n in range(1, 10)]
    assert delivery.receipt.complete_snapshot


def test_all_pages_of_sqlite_show_one_state(
    lite: sqlite3.Connection, fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    lite.execute("PRAGMA journal_mode = wal")
    lite.execute("CREATE TABLE payments (pay_id integer, amount text)")
    lite.executemany("INSERT INTO payments VALUES (?, 'old')", [(row,) for row in range(1, 10)])
    between_pages(monkeypatch, lambda: lite.execute("UPDATE payments SET amount = 'new'"))
    delivery = fetched(system="sql", url="sqlite:///finance.db", table="payments", key=["pay_id"], page_size=2)
    assert {row["amount"] for row in rows_of(delivery)} == {"old"}


def test_rows_that_stay_are_neither_lost_nor_doubled_while_mariadb_changes(
    maria: mariadb.Writer, fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    maria.run("CREATE TABLE {own}.payments (pay_id integer, part text)")
    maria.run("INSERT INTO {own}.payments SELECT seq, 'a' FROM {own}.seq_1_to_9")

    def change() -> None:
        # the row that the next page is asked from, one before it, one after it
        maria.run("DELETE FROM {own}.payments WHERE pay_id IN (1, 2, 7)")
        maria.run("INSERT INTO {own}.payments VALUES (0, 'a'), (5, 'b')")

    between_pages(monkeypatch, change)
    delivery = fetched(system="sql", url=mariadb.URL, table="payments", key=["pay_id", "part"], page_size=2)
    found = [f"{row['pay_id']}{row['part']}" for row in rows_of(delivery)]
    assert found == ["1a", "2a", "3a", "4a", "5a", "5b", "6a", "8a", "9a"]


def test_a_connection_that_is_lost_leaves_nothing_and_may_pass(
    postgres: psycopg.Connection[Any], lake_home: Path, fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgres.execute("CREATE TABLE payments AS SELECT n AS pay_id FROM generate_series(1, 9) AS n")
    told = {"system": "sql", "url": f"{URL}&application_name={SCHEMA}", "table": "payments", "key": ["pay_id"]}
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s"
    between_pages(monkeypatch, lambda: postgres.execute(end, [SCHEMA]))
    with pytest.raises(FetchError, match="the database says: .*(connection|terminat)") as failure:
        fetched(page_size=2, **told)
    assert failure.value.temporary
    assert list((lake_home / "deliveries/office__feed").iterdir()) == []
    assert fetched(page_size=2, **told).receipt.records == 9


def test_a_connection_to_mariadb_that_is_lost_between_pages_loses_no_row(
    maria: mariadb.Writer, fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    maria.run("CREATE TABLE {own}.payments AS SELECT seq AS pay_id FROM {own}.seq_1_to_9")
    mine = f"SELECT id FROM information_schema.processlist WHERE db = '{mariadb.DATABASE}'"

    def end() -> None:
        numbers = maria.rows(mine)
        assert numbers
        for (number,) in numbers:
            maria.run(f"KILL {number}")

    between_pages(monkeypatch, end)
    delivery = fetched(system="sql", url=mariadb.URL, table="payments", key=["pay_id"], page_size=2)
    assert [row["pay_id"] for row in rows_of(delivery)] == [str(number) for number in range(1, 10)]


def test_a_table_that_disappears_while_it_is_read_is_told(
    maria: mariadb.Writer, fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    maria.run("CREATE TABLE {own}.payments AS SELECT seq AS pay_id FROM {own}.seq_1_to_9")
    between_pages(monkeypatch, lambda: maria.run("DROP TABLE {own}.payments"))
    with pytest.raises(FetchError, match="payments' doesn't exist"):
        fetched(system="sql", url=mariadb.URL, table="payments", key=["pay_id"], page_size=2)


def test_a_wrong_password_is_told_without_it(maria: mariadb.Writer, fetched: Fetched) -> None:
    url = mariadb.URL.replace("root@", "clerk:geheim@")
    with pytest.raises(FetchError, match="Access denied for the user that the url names") as failure:
        fetched(system="sql", url=url, table="payments", key=["pay_id"])
    assert "geheim" not in str(failure.value) and "clerk" not in str(failure.value)
    assert not failure.value.temporary


def test_a_table_that_must_not_be_read_is_told(postgres: psycopg.Connection[Any], fetched: Fetched) -> None:
    postgres.execute("CREATE TABLE payments (pay_id integer)")
    postgres.execute(f"CREATE ROLE {SCHEMA} LOGIN")
    postgres.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {SCHEMA}")
    try:
        with pytest.raises(FetchError, match="permission denied for table payments") as failure:
            fetched(system="sql", url=URL.replace("root@", f"{SCHEMA}@"), table="payments", key=["pay_id"])
        assert not failure.value.temporary
    finally:
        postgres.execute(f"DROP OWNED BY {SCHEMA}")
        postgres.execute(f"DROP ROLE {SCHEMA}")


def test_a_value_never_stands_in_a_message(postgres: psycopg.Connection[Any], fetched: Fetched) -> None:
    postgres.execute("CREATE TABLE people AS SELECT 'Mrs Smith'::text AS name")
    with pytest.raises(FetchError, match="invalid input syntax for type integer: …") as failure:
        fetched(system="sql", url=URL, query="SELECT name::integer AS k FROM people", key=["k"])
    assert "Smith" not in str(failure.value)


@pytest.mark.parametrize(
    ("url", "query"),
    [
        (URL, "SELECT pg_sleep(30)::text AS k"),
        (mariadb.URL, "SELECT count(*) AS k FROM seq_1_to_99999999 AS a JOIN seq_1_to_9999 AS b"),
    ],
    ids=["postgresql", "mariadb"],
)
def test_a_statement_that_takes_too_long_is_ended(
    postgres: psycopg.Connection[Any], maria: mariadb.Writer, fetched: Fetched, url: str, query: str
) -> None:
    with pytest.raises(FetchError, match="statement timeout|took longer than 1 s") as failure:
        fetched(system="sql", url=url, query=query, key=["k"], seconds=1)
    assert failure.value.temporary


def test_wide_and_large_values_come_whole(lite: sqlite3.Connection, fetched: Fetched) -> None:
    names = [f"c{number}" for number in range(300)]
    lite.execute(f"CREATE TABLE wide (k integer, large text, {', '.join(names)})")
    lite.execute("INSERT INTO wide (k, large, c299) VALUES (1, ?, 'end')", ["好" * 4_000_000])
    (row,) = rows_of(fetched(system="sql", url="sqlite:///finance.db", table="wide", key=["k"]))
    assert len(row) == 302 and row["c299"] == "end" and row["c0"] is None
    assert row["large"] == "好" * 4_000_000


def test_bytes_and_texts_of_one_column_are_told_apart(lite: sqlite3.Connection, fetched: Fetched) -> None:
    lite.execute("CREATE TABLE odd (k integer, mixed)")
    lite.execute("INSERT INTO odd VALUES (1, NULL), (2, 1234.5), (3, x'ff00'), (4, 'text'), (5, 7)")
    delivery = fetched(system="sql", url="sqlite:///finance.db", table="odd", key=["k"], page_size=2)
    assert [row["mixed"] for row in rows_of(delivery)] == [None, "1234.5", "FF00", "text", "7"]


def test_parquet_files_are_read_as_one_table(lake_home: Path, fetched: Fetched) -> None:
    (lake_home / "drops").mkdir()
    for part, day in enumerate((24, 25)):
        rows = f"SELECT n AS k, 1.50::DECIMAL(9,2) AS amount, TIMESTAMP '2026-10-{day}' AS changed_at"
        rows += f" FROM range({part * 6}, {part * 6 + 6}) AS r(n)"
        duckdb.sql(f"COPY ({rows}) TO '{lake_home}/drops/{part}.parquet'")
    told = {"system": "sql", "url": "parquet:///drops/*.parquet", "key": ["k"], "cursor": "changed_at"}
    delivery = fetched(page_size=5, **told)
    assert [row["k"] for row in rows_of(delivery)] == list(map(str, range(12)))
    assert rows_of(delivery)[0] == {"k": "0", "amount": "1.50", "changed_at": "2026-10-24 00:00:00"}
    assert fetched("2026-10-25 00:00:00", delivery_id=TENTH, **told).receipt.records == 6
    query = "SELECT max(k) AS k, changed_at FROM records GROUP BY changed_at"
    assert [row["k"] for row in rows_of(fetched(query=query, delivery_id=ELEVENTH, **told))] == ["5", "11"]


@pytest.mark.parametrize("url", ["parquet:///drops/*.parq", "duckdb:///nowhere.duckdb", "duckdb://nowhere.duckdb"])
def test_a_file_that_is_not_there_is_told(fetched: Fetched, url: str) -> None:
    with pytest.raises(FetchError, match="no such database file|write duckdb:///file"):
        fetched(system="sql", url=url, table="records", key=["k"])


def test_what_is_no_database_is_told(lake_home: Path, fetched: Fetched) -> None:
    (lake_home / "finance.duckdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(FetchError, match="the database says"):
        fetched(system="sql", url="duckdb:///finance.duckdb", table="payments", key=["pay_id"])


def test_a_database_is_let_go_when_its_pages_were_taken(lake_home: Path, fetched: Fetched) -> None:
    place = lake_home / "finance.duckdb"
    with duckdb.connect(str(place)) as connection:
        connection.execute("CREATE TABLE payments AS SELECT 1 AS pay_id")
    assert fetched(system="sql", url="duckdb:///finance.duckdb", table="payments", key=["pay_id"]).receipt.records == 1
    with duckdb.connect(str(place)) as connection:
        connection.execute("INSERT INTO payments VALUES (2)")


def test_a_database_that_was_let_go_says_so(lite: sqlite3.Connection) -> None:
    lite.execute("CREATE TABLE payments (pay_id integer)")
    database = Database("sqlite:///finance.db", seconds=5)
    database.close()
    with pytest.raises(FetchError, match="the database says"):
        database.rows("SELECT 1")
