"""What an analyst must know of the marts that a query uses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb

SAYS = {"care": "use with care", "do_not_use": "do not use"}
NOT_READY = """
    SELECT mart, use, reason, built_for::DATE FROM ops.edition
    WHERE list_contains($marts, mart) AND use <> 'ready' ORDER BY mart"""
ABOUT = "SELECT mart, reasons[1].feeds FROM marts.mart_readiness"


def warnings(connection: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    """Return a line for each mart that a query uses and that is not ready: its label, why, and its figures' day."""
    used = marts_used(connection, sql)
    if not used or not _is_judged(connection, "ops", "edition", "use"):
        return []
    is_told = _is_judged(connection, "marts", "mart_readiness", "reasons")
    about = dict(connection.execute(ABOUT).fetchall()) if is_told else {}
    rows = connection.execute(NOT_READY, {"marts": used}).fetchall()
    return [_line(mart, use, reason, about.get(mart) or [], day) for mart, use, reason, day in rows]


def marts_used(connection: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    """Return the tables of the schema `marts` that a query names; of what is no SELECT nobody can tell."""
    [[text]] = connection.execute("SELECT json_serialize_sql($sql)", {"sql": sql}).fetchall()
    named = [node for node in _nodes(json.loads(text)) if node.get("schema_name") == "marts"]
    return sorted({node["table_name"].lower() for node in named})


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a parsed query, however deep."""
    if isinstance(tree, dict):
        yield tree
    for part in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from _nodes(part)


def _is_judged(connection: duckdb.DuckDBPyConnection, schema: str, table: str, column: str) -> bool:
    sql = "FROM duckdb_columns() WHERE schema_name = ? AND table_name = ? AND column_name = ?"
    return connection.execute(sql, [schema, table, column]).fetchone() is not None


def _line(mart: str, use: str, reason: str, feeds: list[str], day: object) -> str:
    about = f" ({', '.join(feeds)})" if feeds else ""
    return f"{SAYS[use]}: marts.{mart}: {reason}{about}; its figures are of {day}"
