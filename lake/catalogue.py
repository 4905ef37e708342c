"""The catalogue inside the published file: what each table and column says, how much of it there is, and its origin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import polars as pl

from contracts import all_contracts
from contracts.contract import Contract, ContractField
from extractors.quoting import identifier
from lake.tables import SYSTEM_COLUMNS

CATALOGUE = {
    "catalogue_table": """table_schema VARCHAR, table_name VARCHAR, question VARCHAR, title_en VARCHAR,
        title_zh VARCHAR, description_en VARCHAR, description_zh VARCHAR, row_key VARCHAR[], reads VARCHAR[],
        tests STRUCT(rule VARCHAR, about VARCHAR)[], row_count BIGINT""",
    "catalogue_column": """table_schema VARCHAR, table_name VARCHAR, column_number BIGINT, column_name VARCHAR,
        data_type VARCHAR, description_en VARCHAR, description_zh VARCHAR, allowed VARCHAR[], classification VARCHAR,
        privacy VARCHAR, blank_count BIGINT""",
}
"""The columns of both tables. A `row_count` is blank of what is not published, a `blank_count` too."""


@dataclass(frozen=True)
class TableEntry:
    """A table as those who made it describe it; texts are by language, a text or a language may be missing.

    `reads` are the tables that it is made from, as `schema.name`; `tests` the rules that hold it, each with what it is
    about; `columns` and `allowed` are by column.
    """

    schema: str
    name: str
    question: str | None = None
    title: dict[str, str] = field(default_factory=dict)
    description: dict[str, str] = field(default_factory=dict)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    allowed: dict[str, list[str]] = field(default_factory=dict)
    key: list[str] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    tests: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class _Column:
    name: str
    type: str | None
    classification: str = "public"
    privacy: str | None = None
    allowed: Sequence[str] = ()
    description: str | None = None


def add_catalogue(connection: duckdb.DuckDBPyConnection, told: Iterable[TableEntry]) -> None:
    """Write the catalogue of a draft that is attached as `published`, beside the lake: one query a table.

    What is published and nobody described stands there with its columns and its size alone.
    """
    for table, layout in CATALOGUE.items():
        connection.execute(f"CREATE TABLE published.ops.{table} ({layout})")
    known = {(one.schema, one.name): one for one in told}
    published = _published(connection)
    for place in published.keys() - known.keys():
        known[place] = TableEntry(*place)
    personal = _personal(known)
    tables, columns = [], []
    for place, entry in sorted(known.items()):
        found = published.get(place) or [_of_field(one) for one in _fields(entry)]
        is_sized = place in published and entry.name not in CATALOGUE
        size = _size(connection, place, found) if is_sized else {}
        tables.append(_table_row(entry, size.get("*")))
        hidden = personal.get(place, {})
        columns += [_column_row(entry, at, one, hidden, size.get(one.name)) for at, one in enumerate(found, 1)]
    for table, rows in (("catalogue_table", tables), ("catalogue_column", columns)):
        _insert(connection, table, rows)


def _published(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], list[_Column]]:
    found: dict[tuple[str, str], list[_Column]] = {}
    for schema, table, column, type in connection.execute(
        """SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns()
        WHERE database_name = 'published' ORDER BY schema_name, table_name, column_index"""
    ).fetchall():
        found.setdefault((schema, table), []).append(_Column(column, type, "internal" if schema == "ops" else "public"))
    return found


def _contract(entry: TableEntry) -> Contract | None:
    return next((one for one in all_contracts() if entry.schema == "records" and one.name == entry.name), None)


def _fields(entry: TableEntry) -> list[ContractField | str]:
    """Return the fields of a kind of record, those that never enter the lake too; nothing of other tables."""
    contract = _contract(entry)
    return [*contract.fields, *SYSTEM_COLUMNS] if contract else []


def _of_field(one: ContractField | str) -> _Column:
    if isinstance(one, str):
        return _Column(one, SYSTEM_COLUMNS[one], "internal")
    type = None if one.privacy == "drop" else one.sql_type
    return _Column(one.name, type, one.classification, one.privacy, one.allowed, one.description)


def _personal(known: dict[tuple[str, str], TableEntry]) -> dict[tuple[str, str], dict[str, ContractField]]:
    """Return for each mart the fields that are not public of the kinds it stands on: a column of that name is one."""
    fields: dict[tuple[str, str], dict[str, ContractField]] = {}
    for place, entry in known.items():
        if entry.schema == "marts":
            kinds = [contract for one in _origins(entry, known) if (contract := _contract(one))]
            fields[place] = {one.name: one for kind in kinds for one in kind.fields if one.classification != "public"}
    return fields


def _origins(entry: TableEntry, known: dict[tuple[str, str], TableEntry]) -> Iterator[TableEntry]:
    """Yield all that a table is made from, however many tables lie between."""
    waiting, seen = list(entry.reads), set[str]()
    while waiting:
        name = waiting.pop()
        schema, _, table = name.partition(".")
        if name not in seen and (above := known.get((schema, table))):
            seen.add(name)
            waiting += above.reads
            yield above


def _size(connection: duckdb.DuckDBPyConnection, place: tuple[str, str], columns: Sequence[_Column]) -> dict[str, int]:
    """Return the rows of a table as `*`, and of each column those that are blank."""
    blanks = [f"count(*) - count({identifier(one.name)})" for one in columns]
    counted = connection.execute(f"SELECT {', '.join(['count(*)', *blanks])} FROM published.{'.'.join(place)}")
    return dict(zip(["*", *(one.name for one in columns)], counted.fetchall()[0], strict=True))


def _table_row(entry: TableEntry, rows: int | None) -> dict[str, Any]:
    return {
        "table_schema": entry.schema, "table_name": entry.name, "question": entry.question,
        "title_en": entry.title.get("en"), "title_zh": entry.title.get("zh"),
        "description_en": entry.description.get("en"), "description_zh": entry.description.get("zh"),
        "row_key": entry.key, "reads": entry.reads,
        "tests": [{"rule": rule, "about": about} for rule, about in entry.tests], "row_count": rows,
    }  # fmt: skip


def _column_row(
    entry: TableEntry, number: int, column: _Column, hidden: dict[str, ContractField], blank: int | None
) -> dict[str, Any]:
    told = hidden.get(column.name, column)
    words = entry.columns.get(column.name, {})
    return {
        "table_schema": entry.schema, "table_name": entry.name, "column_number": number, "column_name": column.name,
        "data_type": column.type,
        "description_en": words.get("en", column.description), "description_zh": words.get("zh"),
        "allowed": list(column.allowed) or entry.allowed.get(column.name, []),
        "classification": told.classification, "privacy": told.privacy, "blank_count": blank,
    }  # fmt: skip


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        frame = pl.DataFrame(rows, infer_schema_length=None)
        connection.register("catalogue_rows", frame)
        connection.execute(f"INSERT INTO published.ops.{table} BY NAME FROM catalogue_rows")
        connection.unregister("catalogue_rows")
