from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from cities import now
from lake import connect, connect_published, prepare, publish, published_file, sync_city, writer_lock


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
