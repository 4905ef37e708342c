from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from cities import now
from lake import connect, connect_published, prepare, publish, published_file, sync_city, writer_lock
from lake.catalogue import TableEntry


@pytest.fixture
def lake(office):
    office.at("2026-10-26T11:42:00+00:00")
    prepare()
    sync_city(office.city, now())
    _write_mart("one", 1)
    return office


def _write_mart(name: str, value: int) -> None:
    with writer_lock(), connect() as connection:
        connection.execute(f"CREATE OR REPLACE TABLE marts.{name} AS SELECT {value} AS value")


def _published(sql: str) -> list[tuple[object, ...]]:
    with connect_published(published_file()) as connection:
        return connection.execute(sql).fetchall()


def test_readers_see_the_marts_and_the_ledger(lake):
    publish(fresh={"one"})
    assert _published("FROM marts.one") == [(1,)]
    assert _published("SELECT count(*) FROM ops.delivery") == [(0,)]


def test_a_mart_that_did_not_come_through_keeps_its_last_edition(lake):
    publish(fresh={"one"})
    lake.at("2026-10-27T11:42:00+00:00")
    sync_city(lake.city, now())
    _write_mart("one", 2)
    _write_mart("two", 2)
    publish(fresh={"two"}, keep={"one"})
    assert _published("FROM marts.one") == [(1,)]
    assert _published("SELECT mart, built_for::DATE::VARCHAR FROM ops.edition ORDER BY 1") == [
        ("one", "2026-10-26"),
        ("two", "2026-10-27"),
    ]


def test_a_mart_that_never_came_through_is_not_there(lake):
    publish(fresh=set(), keep={"one"})
    with pytest.raises(duckdb.CatalogException):
        _published("FROM marts.one")


def test_a_table_that_no_build_made_is_not_published(lake):
    _write_mart("left_over", 1)
    publish(fresh={"one"})
    assert _published("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts'") == [("one",)]


def test_a_killed_copy_leaves_the_old_file_and_is_replaced(lake):
    publish(fresh={"one"})
    published_file().with_suffix(".draft").write_bytes(b"half a file")
    assert _published("FROM marts.one") == [(1,)]
    publish(fresh={"one"})
    assert _published("FROM marts.one") == [(1,)]


READINESS = """CREATE OR REPLACE TABLE marts.mart_readiness AS
    SELECT unnest(['one', 'two', 'mart_readiness']) AS mart, 'ready' AS use, 'all_in' AS reason,
        DATE '2026-10-27' AS last_good_date,
        CAST([] AS STRUCT("use" VARCHAR, reason VARCHAR, feeds VARCHAR[], waiting_share DOUBLE)[]) AS reasons"""


def _judge() -> None:
    with writer_lock(), connect() as connection:
        connection.execute(READINESS)


def _uses() -> list[tuple[object, ...]]:
    return _published("SELECT mart, use, reason FROM ops.edition ORDER BY mart")


def test_each_edition_carries_whether_it_can_be_used(lake):
    _judge()
    publish(fresh={"one", "mart_readiness"})
    assert _uses() == [("mart_readiness", "ready", "all_in"), ("one", "ready", "all_in")]
    sql = "SELECT use, reasons[1].reason, last_good_date FROM marts.mart_readiness WHERE mart = 'two'"
    assert _published(sql) == [("do_not_use", "not_built", None)]


def test_a_mart_that_did_not_come_through_is_not_to_be_used(lake):
    publish(fresh={"one"})
    lake.at("2026-10-27T11:42:00+00:00")
    sync_city(lake.city, now())
    _judge()
    publish(fresh={"mart_readiness"}, keep={"one"})
    assert _uses()[1] == ("one", "do_not_use", "build_failed")
    assert _published("SELECT use, reason, last_good_date::VARCHAR FROM marts.mart_readiness WHERE mart = 'one'") == [
        ("do_not_use", "build_failed", "2026-10-26")
    ]


def test_without_a_judgement_of_this_build_nothing_is_ready(lake):
    _judge()
    _write_mart("two", 2)
    publish(fresh={"one", "two", "mart_readiness"})
    lake.at("2026-10-27T11:42:00+00:00")
    sync_city(lake.city, now())
    publish(fresh={"two"}, keep={"one", "mart_readiness"})
    assert _uses() == [("one", "do_not_use", "build_failed"), ("two", "care", "not_judged")]
    assert _published("SELECT 1 FROM duckdb_tables() WHERE table_name = 'mart_readiness'") == []


@pytest.fixture
def published(tmp_path: Path) -> Path:
    place = tmp_path / "city.duckdb"
    with duckdb.connect(str(place)) as connection:
        connection.execute("CREATE SCHEMA marts")
    return place


@pytest.mark.parametrize(
    "attack",
    [
        "FROM read_text('/etc/hostname')",
        "ATTACH '/tmp/other.duckdb' AS other",
        "COPY (SELECT 1) TO '/tmp/out.csv'",
        "CREATE TABLE marts.mine AS SELECT 1",
        "SET enable_external_access = true",
        "LOAD httpfs",
        "INSTALL httpfs",
    ],
)
def test_a_reader_of_the_published_file_gets_nowhere_else(published: Path, attack: str) -> None:
    with connect_published(published) as connection, pytest.raises(duckdb.Error):
        connection.execute(attack)


def test_the_file_says_what_its_tables_mean_and_how_much_of_them_is_blank(lake):
    with writer_lock(), connect() as connection:
        connection.execute("CREATE OR REPLACE TABLE marts.one AS SELECT unnest([1, NULL]) AS latitude, 'open' status")
    told = [
        TableEntry(
            "marts", "one", "services", {"en": "One", "zh": "一"}, {"en": "One row for each."},
            {"status": {"en": "How it stands.", "zh": "状态"}}, {"status": ["open", "closed"]}, ["status"],
            ["intermediate.between"], [("filled", "status")],
        ),
        TableEntry("intermediate", "between", reads=["staging.stg_service_request"]),
        TableEntry("staging", "stg_service_request", reads=["records.service_request"]),
        TableEntry("records", "service_request"),
    ]  # fmt: skip
    publish(fresh={"one"}, told=told)
    assert _published(
        "SELECT title_zh, row_key, reads, tests[1].rule, row_count FROM ops.catalogue_table WHERE table_name = 'one'"
    ) == [("一", ["status"], ["intermediate.between"], "filled", 2)]
    columns = """SELECT column_name, data_type, description_zh, allowed, classification, privacy, blank_count
        FROM ops.catalogue_column WHERE table_name = 'one' ORDER BY column_number"""
    assert _published(columns) == [
        ("latitude", "INTEGER", None, [], "personal", "generalise", 1),
        ("status", "VARCHAR", "状态", ["open", "closed"], "public", None, 0),
    ]
    dropped = """SELECT data_type, description_en, privacy FROM ops.catalogue_column
        WHERE table_schema = 'records' AND column_name = 'requester_name'"""
    assert _published(dropped) == [(None, "Requester's name.", "drop")]


def test_what_nobody_described_is_there_with_its_size(lake):
    publish(fresh={"one"})
    sql = "SELECT title_en, row_count FROM ops.catalogue_table WHERE table_schema = 'marts'"
    assert _published(sql) == [(None, 1)]
