"""Asks the tests in one go: dbt takes ten times as long over each as its query does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import duckdb

from dags.build_plan import relation_of
from lake.built import Mark, State

BY_ROW = {"filled", "identities", "not_null", "accepted_values"}
"""Tests that look at each row alone: what they passed before need not be looked at again."""
BY_KEY = {"one_row_for_each"}
"""Tests that look at the rows of a key together."""


def judge(
    connection: duckdb.DuckDBPyConnection, manifest: Any, tests: Iterable[str], marks: dict[str, Mark], state: State
) -> set[str]:
    """Return those of the tests that pass by the query that their mark holds; dbt is to tell of the others."""
    judged = _Judged(connection, manifest, state)
    # two threads take twice the work of one over queries as small as these
    [(threads,)] = connection.execute("SELECT current_setting('threads')").fetchall()
    connection.execute("SET threads = 1")
    connection.begin()
    try:
        return {one for one in tests if judged.passes(manifest.nodes[one], marks[one])}
    finally:
        connection.rollback()
        connection.execute(f"SET threads = {threads}")


def can_be_asked(node: Any) -> bool:
    """Whether the query alone says if a test passes: any row that it answers with fails it."""
    config = node.config
    return (
        config.severity.lower() == "error"
        and (config.fail_calc, config.error_if) == ("count(*)", "!= 0")
        and not config.store_failures
    )


@dataclass
class _Judged:
    """The tests of one state of the lake, and the rows that came to its tables since they were judged last.

    `came` names the temporary table of these rows, by table and snapshot.
    """

    connection: duckdb.DuckDBPyConnection
    manifest: Any
    state: State
    came: dict[tuple[str, int], str] = field(default_factory=dict)

    def passes(self, node: Any, mark: Mark) -> bool:
        """Whether a test's query finds nothing."""
        try:
            return self.connection.execute(f"SELECT 1 FROM ({self._narrowed(node, mark)}\n) LIMIT 1").fetchone() is None
        except duckdb.Error:
            # which takes the tables made so far away, too
            self.connection.rollback()
            self.connection.begin()
            self.came.clear()
            return False

    def _narrowed(self, node: Any, mark: Mark) -> str:
        """Return the test's query, of a table that is built in parts over the rows alone that came since it passed."""
        sql, told = str(mark.sql), getattr(node, "test_metadata", None)
        parents = [self.manifest.nodes[one] for one in node.depends_on_nodes if one in self.manifest.nodes]
        if told is None or told.name not in BY_ROW | BY_KEY or len(node.depends_on_nodes) != 1 or not parents:
            return sql
        table = relation_of(parents[0])
        if not parents[0].config.meta.get("parts") or self.state.is_made(table, mark.snapshot):
            return sql
        schema, name = table.split(".")
        judged = self._rows_since(table, mark.snapshot)
        if told.name in BY_KEY:
            same = " AND ".join(f"old.{one} IS NOT DISTINCT FROM new.{one}" for one in told.kwargs["columns"])
            judged = f"(SELECT old.* FROM lake.{table} AS old SEMI JOIN {judged} AS new ON {same})"
        return sql.replace(f'"lake"."{schema}"."{name}"', judged)

    def _rows_since(self, table: str, snapshot: int) -> str:
        """Return a temporary table of the rows of a table that came after a snapshot."""
        if (table, snapshot) not in self.came:
            name = f"temp.main.came_{len(self.came)}"
            schema, plain = table.split(".")
            since = min(snapshot + 1, self.state.snapshot)
            self.connection.execute(
                f"""CREATE OR REPLACE TEMP TABLE {name} AS SELECT * EXCLUDE (snapshot_id, rowid, change_type)
                FROM ducklake_table_changes('lake', '{schema}', '{plain}', {since}, {self.state.snapshot})
                WHERE change_type IN ('insert', 'update_postimage')"""
            )
            self.came[table, snapshot] = name
        return self.came[table, snapshot]
