"""A database of its own on the MariaDB of this machine, written to by the same extension that reads it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pytest

from extractors.extensions import extension_file

SERVER = "host=127.0.0.1 port=3306 user=root"
DATABASE = f"civiclake_test_{os.getpid()}"
URL = f"mariadb://root@127.0.0.1:3306/{DATABASE}"


class Writer:
    """Writes to the database, which its readers must not; `{own}` in a statement is the database's name."""

    def __init__(self) -> None:
        self._duckdb = duckdb.connect()
        self._duckdb.execute(f"LOAD '{extension_file('mysql_scanner')}'")
        self._duckdb.execute(f"ATTACH '{SERVER} database=mysql' AS server (TYPE mysql)")

    def run(self, statement: str) -> None:
        """Run one statement of MariaDB's own."""
        statement = statement.replace("{own}", DATABASE)
        self._duckdb.execute("CALL mysql_execute('server', $statement)", {"statement": statement})

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Return what MariaDB answers to a SELECT."""
        return self._duckdb.execute("FROM mysql_query('server', $query)", {"query": query}).fetchall()


@contextmanager
def own_database() -> Iterator[Writer]:
    """Make a database of this process and remove it; skips where there is no server."""
    try:
        writer = Writer()
    except duckdb.IOException:
        pytest.skip("no MariaDB at 127.0.0.1:3306")
    writer.run("CREATE OR REPLACE DATABASE {own}")
    try:
        yield writer
    finally:
        writer.run("DROP DATABASE {own}")
