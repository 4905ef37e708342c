"""Asks the tests that passed before once more, in one go: dbt takes ten times as long over each as its query does."""

from __future__ import annotations

from collections.abc import Iterable
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
    """Return those of the tests that pass by the query with which they passed last; dbt is to tell of the others."""
    connection.begin()
    try:
        return {one for one in tests if _passes(connection, manifest, manifest.nodes[one], marks[one], state)}
    finally:
        connection.rollback()


def can_be_asked(node: Any, mark: Mark | None) -> bool:
    """Whether the query alone says if a test passes: it passed before, and any row that it answers with fails it."""
    config = node.config
    return (
        mark is not None
        and mark.sql is not None
        and config.severity.lower() == "error"
        and (config.fail_calc, config.error_if) == ("count(*)", "!= 0")
        and not config.store_failures
    )


def _passes(connection: duckdb.DuckDBPyConnection, manifest: Any, node: Any, mark: Mark, state: State) -> bool:
    try:
        query = _narrowed(connection, manifest, node, mark, state)
        return connection.execute(f"SELECT 1 FROM ({query}\n) LIMIT 1").fetchone() is None
    except duckdb.Error:
        connection.rollback()
        connection.begin()
        return False


def _narrowed(connection: duckdb.DuckDBPyConnection, manifest: Any, node: Any, mark: Mark, state: State) -> str:
    """Return the test's query, of a table that is built in parts over the rows alone that came since it passed."""
    sql, told = str(mark.sql), getattr(node, "test_metadata", None)
    parents = [manifest.nodes[one] for one in node.depends_on_nodes if one in manifest.nodes]
    if told is None or told.name not in BY_ROW | BY_KEY or len(node.depends_on_nodes) != 1 or not parents:
        return sql
    table = relation_of(parents[0])
    if not parents[0].config.meta.get("parts") or state.is_made(table, mark.snapshot):
        return sql
    schema, name = table.split(".")
    since = min(mark.snapshot + 1, state.snapshot)
    connection.execute(
        f"""CREATE OR REPLACE TEMP VIEW came AS SELECT * EXCLUDE (snapshot_id, rowid, change_type)
        FROM ducklake_table_changes('lake', '{schema}', '{name}', {since}, {state.snapshot})
        WHERE change_type IN ('insert', 'update_postimage')"""
    )
    if told.name in BY_KEY:
        same = " AND ".join(f"old.{one} IS NOT DISTINCT FROM new.{one}" for one in told.kwargs["columns"])
        rows = f"SELECT old.* FROM lake.{table} AS old SEMI JOIN temp.main.came AS new ON {same}"
        connection.execute(f"CREATE OR REPLACE TEMP VIEW judged AS {rows}")
    else:
        connection.execute("CREATE OR REPLACE TEMP VIEW judged AS FROM temp.main.came")
    return sql.replace(f'"lake"."{schema}"."{name}"', "temp.main.judged")
