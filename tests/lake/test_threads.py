"""A small lake is worked on by one thread, a large one by all that DuckDB takes by itself."""

from __future__ import annotations

import duckdb
import psutil
import pytest

from lake import connection
from tests.lake.conftest import Office

THREADS = "SELECT current_setting('threads')"


def test_a_lake_with_a_large_table_is_worked_on_by_all_threads(
    office: Office, request_record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LARGE", 2)
    assert office.ask(THREADS) == [(1,)]
    office.deliver("requests", "d1", [request_record(1), request_record(2)])
    connection._instance.cache_clear()
    assert office.ask(THREADS) == duckdb.connect().execute(THREADS).fetchall()
    # a transaction left open in the catalogue would see its past after the next build
    assert not [file.path for file in psutil.Process().open_files() if "catalogue" in file.path]
