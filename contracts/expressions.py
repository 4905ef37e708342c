"""Expressions of city files: what they may be, what they read, and their values.

An expression sees one record and gives one text. It cannot hold a query, and gives the same for the same record
whenever it is asked, so that a replay judges as the first check did.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import duckdb
import polars as pl

from contracts.engine import closed_connection, run
from contracts.errors import ContractError
from extractors.quoting import identifier


@cache
def fields_read(expression: str) -> frozenset[str]:
    """Return the sender's fields that an expression reads.

    Raises ContractError when it is more than one expression over one record.
    """
    nodes = list(_nodes(_parsed(expression)))
    if any(node.get("class") in {"SUBQUERY", "WINDOW", "STAR", "PARAMETER"} for node in nodes):
        raise _refused(expression, "it holds a query, a window, a star or a parameter")
    _refuse_unsteady(expression, {node["function_name"] for node in nodes if node.get("class") == "FUNCTION"})
    bound = {name for node in nodes if node.get("class") == "LAMBDA" for name in _names(node["lhs"])}
    return frozenset(name for node in nodes for name in _names(node)) - bound


def evaluate(expressions: dict[str, str], records: pl.DataFrame) -> dict[str, tuple[pl.Series, pl.Series]]:
    """Return for each expression its text and the mask of the records for which it failed."""
    read = sorted(set().union(*(fields_read(expression) for expression in expressions.values())))
    absent = [pl.lit(None, pl.String).alias(name) for name in read if name not in records.columns]
    with closed_connection() as connection:
        table = records.with_columns(absent).select(read or pl.repeat(None, len(records)).alias("nothing"))
        return {field: _evaluated(connection, expression, table) for field, expression in expressions.items()}


def _evaluated(
    connection: duckdb.DuckDBPyConnection, expression: str, records: pl.DataFrame
) -> tuple[pl.Series, pl.Series]:
    columns = f"TRY(({expression}\n)::VARCHAR) AS text, TRY((({expression}\n)::VARCHAR) IS NULL) IS NULL AS failed"
    try:
        answer = run(connection, f"SELECT {columns} FROM records", records)
    except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException) as error:
        raise _refused(expression, str(error).splitlines()[0]) from None
    except duckdb.Error as error:
        # what other errors say may hold a sender's value
        raise _refused(expression, f"it cannot be worked out ({type(error).__name__})") from None
    return answer["text"], answer["failed"]


def _parsed(expression: str) -> Any:
    with closed_connection() as connection:
        query = f"SELECT ({expression}\n)"
        (serialised,) = connection.execute("SELECT json_serialize_sql($query)", {"query": query}).fetchone() or ("{}",)
    parsed = json.loads(serialised)
    if parsed["error"]:
        raise _refused(expression, parsed["error_message"])
    statements = [statement["node"] for statement in parsed["statements"]]
    if len(statements) != 1 or not _is_bare(statements[0]):
        raise _refused(expression, "it is more than one expression")
    return statements[0]["select_list"]


def _is_bare(node: Any) -> bool:
    """Whether a SELECT gives one value out of nothing: no source, no condition, nothing around it."""
    empty = [
        node.get(part) for part in ("where_clause", "having", "qualify", "modifiers", "group_expressions", "sample")
    ]
    return (
        node["type"] == "SELECT_NODE"
        and len(node["select_list"]) == 1
        and node["from_table"]["type"] == "EMPTY"
        and not any(empty)
        and not node["cte_map"]["map"]
    )


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
    for branch in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from _nodes(branch)


def _names(node: Any) -> list[str]:
    return [node["column_names"][0]] if node.get("class") == "COLUMN_REF" else []


def _refuse_unsteady(expression: str, functions: set[str]) -> None:
    unsteady = sorted(functions - _steady())
    if unsteady:
        raise _refused(expression, f"it uses {', '.join(unsteady)}, unknown or not the same at every time")


@cache
def _steady() -> frozenset[str]:
    """Scalar functions that give the same for the same arguments and look at nothing else."""
    steady = """
        SELECT function_name FROM duckdb_functions() WHERE function_type IN ('scalar', 'macro')
        GROUP BY function_name HAVING bool_and(coalesce(stability, 'CONSISTENT') = 'CONSISTENT')"""
    with closed_connection() as connection:
        found = {name for (name,) in connection.execute(steady).fetchall()}
    return frozenset(found - {"current_setting", "getvariable"})


def _refused(expression: str, why: str) -> ContractError:
    shown = identifier(expression)[:200]
    return ContractError(f"the `sql` {shown} of a city file cannot be used: {why}; write one DuckDB expression over "
                         "the sender's fields, which are all text")  # fmt: skip
