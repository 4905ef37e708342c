from __future__ import annotations

import sqlite3
from pathlib import Path

import psycopg
import pytest

from sandbox import city_on, running
from sandbox.protocols.tables import TABLES, write_tables
from tests.postgresql import new_database


def held(place: Path, query: str) -> list[tuple]:
    with sqlite3.connect(place) as connection:
        return connection.execute(query).fetchall()


def test_the_tables_hold_the_days_records_as_text(tmp_path: Path) -> None:
    place = tmp_path / "deep" / "finance.db"
    city = city_on(7, 0.2, 0)
    write_tables(f"sqlite:///{place}", city)
    assert held(place, "SELECT * FROM payments") == [tuple(r.values()) for r in city.records("finance__payments")]
    assert held(place, "SELECT count(*), count(DISTINCT line_id) FROM budget_lines") == [(90, 90)]
    assert held(place, "SELECT DISTINCT typeof(amount) FROM payments") == [("text",)]
    assert [path.name for path in place.parent.iterdir()] == ["finance.db"]


def test_a_reader_keeps_yesterdays_file_open_while_todays_replaces_it(tmp_path: Path) -> None:
    place = tmp_path / "finance.db"
    write_tables(f"sqlite:///{place}", city_on(7, 0.2, 0))
    with sqlite3.connect(place) as reader:
        (before,) = reader.execute("SELECT count(*) FROM payments").fetchone()
        write_tables(f"sqlite:///{place}", city_on(7, 0.2, 2))
        assert reader.execute("SELECT count(*) FROM payments").fetchone() == (before,)
    assert held(place, "SELECT count(*) FROM payments")[0][0] > before


def test_moving_the_day_of_a_server_moves_the_finance_database_too(tmp_path: Path) -> None:
    place = tmp_path / "finance.db"
    with running(7, 0.2, 2, f"sqlite:///{place}") as server:
        before = held(place, "SELECT count(*) FROM budget_lines WHERE revised IS NOT NULL")
        server.day = 3
        after = held(place, "SELECT count(*) FROM budget_lines WHERE revised IS NOT NULL")
    assert (before, after) == ([(0,)], [(3,)])


def test_postgresql_holds_the_same_tables_and_a_later_day_replaces_them() -> None:
    with new_database() as address, psycopg.connect(address, autocommit=True) as reader:
        for day in (0, 3):
            city = city_on(7, 0.2, day)
            write_tables(address, city)
            for table, feed in TABLES.items():
                rows = reader.execute(f"SELECT * FROM {table}").fetchall()
                assert rows == [tuple(record.values()) for record in city.records(feed)]


def test_another_kind_of_database_is_refused() -> None:
    with pytest.raises(ValueError, match="sqlite:/// or postgresql://"):
        write_tables("mysql://somewhere", city_on(7, 0.2, 0))
