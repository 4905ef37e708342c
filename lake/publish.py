"""The plain DuckDB file that analysts and reports read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import duckdb

from cities import home
from extractors.quoting import literal
from lake.catalogue import TableEntry, add_catalogue
from lake.connection import connect
from lake.lock import writer_lock
from lake.readiness import READINESS, add_readiness

PUBLISHED_SCHEMAS = ("marts", "ops")


def published_file() -> Path:
    """Return the place of the published file; it exists after the first good build."""
    return home() / "published" / "city.duckdb"


def publish(fresh: Iterable[str], keep: Iterable[str] = (), told: Iterable[TableEntry] = ()) -> Path:
    """Copy the marts and the ledger out of the lake and let the new file take the old one's place at once.

    Marts named in `fresh` came through their build; of those in `keep`, which did not, the new file holds the last
    published edition, and `ops.edition` tells from when that is, and of each mart whether it can be used. `told` is
    what the catalogue in the file says of the tables. A reader sees the whole old file or the whole new one; a killed
    copy leaves a draft that the next one replaces. The caller holds the writer lock, so that marts and ledger are of
    one state.
    """
    target = published_file()
    target.parent.mkdir(mode=0o700, exist_ok=True)
    draft = target.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with connect() as connection, ExitStack() as attached:
        attached.enter_context(_attached(connection, draft, "published"))
        if target.exists():
            attached.enter_context(_attached(connection, target, "before (READ_ONLY)"))
        _copy(connection, set(fresh), set(keep))
        add_catalogue(connection, told)
    with draft.open("rb") as written:
        os.fsync(written.fileno())
    draft.replace(target)
    return target


def publish_answers() -> None:
    """Bring what people said of actions since the last build into the published file, at once or not at all.

    Without a published file, or where nobody said anything, nothing happens.
    """
    target = published_file()
    if not target.exists():
        return
    draft = target.with_suffix(".draft")
    with writer_lock(), connect() as connection:
        with _attached(connection, target, "before (READ_ONLY)"):
            if not _have_been_answered(connection):
                return
        shutil.copyfile(target, draft)
        with _attached(connection, draft, "published"):
            for table in ("action", "action_event"):
                place = f"ops.{table}"
                connection.execute(f"CREATE OR REPLACE TABLE published.{place} AS FROM lake.{place} ORDER BY ALL")
        with draft.open("rb") as written:
            os.fsync(written.fileno())
        draft.replace(target)


def _have_been_answered(connection: duckdb.DuckDBPyConnection) -> bool:
    if ("ops", "action_event") not in _tables(connection, "before"):
        return False
    newest = "SELECT count(*), max(happened_at) FROM {}.ops.action_event"
    told = [connection.execute(newest.format(database)).fetchone() for database in ("lake", "before")]
    return told[0] != told[1]


@contextmanager
def _attached(connection: duckdb.DuckDBPyConnection, file: Path, name: str) -> Iterator[None]:
    connection.execute(f"ATTACH {literal(file)} AS {name}")
    try:
        yield
    finally:
        connection.execute(f"DETACH {name.split()[0]}")


def _copy(connection: duckdb.DuckDBPyConnection, fresh: set[str], keep: set[str]) -> None:
    wanted = [("lake", "ops", table) for schema, table in _tables(connection, "lake") if schema == "ops"]
    wanted += [("lake", "marts", mart) for mart in sorted(fresh - keep)]
    old = {table for schema, table in _tables(connection, "before") if schema == "marts"}
    wanted += [("before", "marts", mart) for mart in sorted(keep & old)]
    for origin, schema, table in wanted:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS published.{schema}")
        connection.execute(f"CREATE TABLE published.{schema}.{table} AS FROM {origin}.{schema}.{table} ORDER BY ALL")
    _copy_editions(connection, wanted)
    add_readiness(connection, is_judged=READINESS in fresh - keep)


def _copy_editions(connection: duckdb.DuckDBPyConnection, wanted: list[tuple[str, str, str]]) -> None:
    """Write `ops.edition`: for each mart the instant for which its published content was built."""
    connection.execute("CREATE TABLE published.ops.edition (mart VARCHAR, built_for TIMESTAMPTZ)")
    for origin, schema, mart in wanted:
        if schema == "marts":
            source = "lake.ops.clock" if origin == "lake" else f"before.ops.edition WHERE mart = {literal(mart)}"
            value = "as_of" if origin == "lake" else "built_for"
            connection.execute(f"INSERT INTO published.ops.edition SELECT {literal(mart)}, {value} FROM {source}")


def _tables(connection: duckdb.DuckDBPyConnection, database: str) -> list[tuple[str, str]]:
    return connection.execute(
        f"""SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ?
        AND schema_name IN {PUBLISHED_SCHEMAS} AND table_name NOT LIKE 'head\\_%' ESCAPE '\\' AND table_name <> 'built'
        ORDER BY ALL""",
        [database],
    ).fetchall()
