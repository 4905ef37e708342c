"""The plain DuckDB file that analysts and reports read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from cities import home
from lake.connection import connect, text

PUBLISHED_SCHEMAS = ("marts", "ops")


def published_file() -> Path:
    """Return the place of the published file; it exists after the first good build."""
    return home() / "published" / "city.duckdb"


def publish(keep: Iterable[str] = ()) -> Path:
    """Copy the marts and the ledger out of the lake and let the new file take the old one's place at once.

    Marts named in `keep` did not come through their build: the new file holds their last published edition, and
    `ops.edition` tells from when that is. A reader sees the whole old file or the whole new one; a killed copy
    leaves a draft that the next one replaces.
    """
    target = published_file()
    target.parent.mkdir(mode=0o700, exist_ok=True)
    draft = target.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with connect() as connection, _attached(connection, draft, "published"):
        if target.exists():
            with _attached(connection, target, "before (READ_ONLY)"):
                _copy(connection, set(keep))
        else:
            _copy(connection, set(keep))
    with draft.open("rb") as written:
        os.fsync(written.fileno())
    draft.replace(target)
    return target


@contextmanager
def _attached(connection: duckdb.DuckDBPyConnection, file: Path, name: str) -> Iterator[None]:
    connection.execute(f"ATTACH {text(file)} AS {name}")
    try:
        yield
    finally:
        connection.execute(f"DETACH {name.split()[0]}")


def _copy(connection: duckdb.DuckDBPyConnection, keep: set[str]) -> None:
    _copy_tables(connection, keep)
    _copy_editions(connection, keep)


def _copy_tables(connection: duckdb.DuckDBPyConnection, keep: set[str]) -> None:
    old = set(_tables(connection, "before"))
    for schema, table in _tables(connection, "lake"):
        origin = "lake"
        if schema == "marts" and table in keep:
            if (schema, table) not in old:
                continue
            origin = "before"
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS published.{schema}")
        connection.execute(f"CREATE TABLE published.{schema}.{table} AS FROM {origin}.{schema}.{table} ORDER BY ALL")


def _copy_editions(connection: duckdb.DuckDBPyConnection, keep: set[str]) -> None:
    """Write `ops.edition`: for each mart the instant for which its published content was built."""
    connection.execute("CREATE TABLE published.ops.edition (mart VARCHAR, built_for TIMESTAMPTZ)")
    for schema, table in _tables(connection, "published"):
        if schema == "marts":
            origin = f"before.ops.edition WHERE mart = {text(table)}" if table in keep else "lake.ops.clock"
            value = "built_for" if table in keep else "as_of"
            connection.execute(f"INSERT INTO published.ops.edition SELECT {text(table)}, {value} FROM {origin}")


def _tables(connection: duckdb.DuckDBPyConnection, database: str) -> list[tuple[str, str]]:
    return connection.execute(
        f"""SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ?
        AND schema_name IN {PUBLISHED_SCHEMAS} AND table_name NOT LIKE 'head\\_%' ESCAPE '\\' ORDER BY ALL""",
        [database],
    ).fetchall()
