"""What dbt built from what: the mark of each model and test, and what has changed in the lake since."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import duckdb
import polars as pl

from extractors.quoting import literal

NEVER = -1
"""Before the first snapshot of a lake."""

TIDYING = {"merge_adjacent", "rewrite_delete", "flushed_inlined", "compacted_table", "inline_flush"}
"""Kinds of change that leave every row as it was."""


@dataclass(frozen=True)
class Mark:
    """Of a node of the dbt project: by which code it was built, as which table, and all it read as it stood when.

    A mark may lag behind its table, never run ahead: what was built from later rows is built from them again. `sql` is
    what a test asked when it passed. One of snapshot `NEVER` tells only this, of a test that has not passed yet.
    """

    node: str
    code: str
    table_id: int | None
    snapshot: int
    as_of: datetime | None
    sql: str | None = None


@dataclass(frozen=True)
class State:
    """The lake at one snapshot: its tables by `schema.name`, and which of them changed after earlier snapshots."""

    snapshot: int
    as_of: datetime | None
    tables: dict[str, int]
    views: set[str]
    complete_from: int
    changed: dict[str, int] = field(default_factory=dict)
    made: dict[str, int] = field(default_factory=dict)

    def can_tell(self, since: int) -> bool:
        """Whether every snapshot after this one is still known: expired ones tell nothing."""
        return self.complete_from <= since + 1

    def is_changed(self, table: str, since: int) -> bool:
        """Whether rows of a table changed after a snapshot, or it was made anew."""
        return self.changed.get(table, 0) > since

    def is_made(self, table: str, since: int) -> bool:
        """Whether a table was made after a snapshot, so that its changes since then cannot be told."""
        return self.made.get(table, 0) > since


def code_of(folder: Path) -> str:
    """Return what stands for all that a build follows from beside the lake: the project's files, dbt and DuckDB."""
    digest = hashlib.sha256(f"{version('dbt-core')} {version('dbt-duckdb')} {duckdb.__version__}".encode())
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            digest.update(f"{file.relative_to(folder)} {hashlib.sha256(file.read_bytes()).hexdigest()}".encode())
    return digest.hexdigest()


def read_marks(connection: duckdb.DuckDBPyConnection, code: str) -> dict[str, Mark]:
    """Return the marks by node. Those of other code are taken away first: its tables are about to be overwritten."""
    if connection.execute("SELECT count(*) FROM ops.built WHERE code <> ?", [code]).fetchone() != (0,):
        connection.execute("DELETE FROM ops.built WHERE code <> ?", [code])
    rows = connection.execute("SELECT node, code, table_id, snapshot, as_of, sql FROM ops.built").fetchall()
    return {row[0]: Mark(*row) for row in rows}


def write_marks(connection: duckdb.DuckDBPyConnection, marks: Iterable[Mark], gone: Iterable[str]) -> None:
    """Write the marks of nodes that came through in the place of their last ones, and take away those of `gone`."""
    new = {mark.node: mark for mark in marks}
    connection.begin()
    nodes = ", ".join(literal(node) for node in [*new, *gone]) or "NULL"
    connection.execute(f"DELETE FROM ops.built WHERE node IN ({nodes})")
    if new:
        # DuckDB takes a millisecond over each row that it is given by itself
        rows = pl.DataFrame(list(new.values()), infer_schema_length=None)
        connection.register("new_marks", rows)
        connection.execute("INSERT INTO ops.built BY NAME FROM new_marks")
        connection.unregister("new_marks")
    connection.commit()


def read_state(connection: duckdb.DuckDBPyConnection, since: int | None, clock: str = "ops.clock") -> State:
    """Return the state of the lake by a clock's table, and what changed in it after the snapshot `since`."""
    connection.begin()
    [(snapshot,)] = connection.execute("FROM lake.current_snapshot()").fetchall()
    now = connection.execute(f"SELECT as_of FROM {clock}").fetchone()
    tables = dict(connection.execute(
        """SELECT schema_name || '.' || table_name, table_id
        FROM __ducklake_metadata_lake.ducklake_table AS t JOIN __ducklake_metadata_lake.ducklake_schema AS s
        USING (schema_id) WHERE t.end_snapshot IS NULL AND s.end_snapshot IS NULL"""
    ).fetchall())  # fmt: skip
    views = connection.execute(
        "SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE database_name = 'lake'"
    ).fetchall()
    history = connection.execute(
        "SELECT snapshot_id, changes FROM lake.snapshots() WHERE snapshot_id > ? ORDER BY snapshot_id DESC",
        [snapshot if since is None else since],
    ).fetchall()
    connection.rollback()
    state = State(
        snapshot, now[0] if now else None, tables, {name for (name,) in views}, _complete_from(snapshot, history)
    )
    _tell_changes(state, history)
    return state


def _complete_from(snapshot: int, history: list[tuple[int, dict[str, list[str]]]]) -> int:
    """Return the first snapshot from which none is missing; a pinned old one may stand before a gap."""
    first = snapshot + 1
    for number, _ in history:
        if number != first - 1:
            break
        first = number
    return first


def _tell_changes(state: State, history: list[tuple[int, dict[str, list[str]]]]) -> None:
    """Note for each table when it changed last, and when it was made."""
    names = {str(table_id): name for name, table_id in state.tables.items()}
    for number, changes in history:
        for kind in changes.keys() - TIDYING:
            for told in changes[kind]:
                table = names.get(told, told)
                state.changed.setdefault(table, number)
                if kind == "tables_created":
                    state.made.setdefault(table, number)
