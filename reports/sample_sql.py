"""Sample questions to a table, made from what the catalogue knows of it; a test asks each of them."""

from __future__ import annotations

import re
from functools import cache

import duckdb

from extractors.quoting import identifier
from reports.facts import CatalogueColumn, CatalogueTable

MOST_COLUMNS = 6
MOST_ROWS = 20
YEARS = ("year", "fiscal_year")
TIMES = ("DATE", "TIMESTAMP WITH TIME ZONE")
GROUPS = ("department", "area_code", "state", "status", "feed", "verdict", "category", "rule", "fiscal_year")


def sample_sql(table: CatalogueTable) -> list[str]:
    """Return what shows a published table's newest rows and, where it can be, how many rows each group has."""
    if table.schema == "records":
        return []
    return [_newest(table), *_counted(table)]


def _newest(table: CatalogueTable) -> str:
    by_name = {column.name: column for column in table.columns}
    key = [by_name[name] for name in table.key if name in by_name]
    rest = [column for column in table.columns if column not in key]
    shown = [*key, *_first(rest, max(2, MOST_COLUMNS - len(key)))]
    times = [column.name for column in [*key, *rest] if column.type in TIMES or column.name in YEARS]
    time = times[0] if times else None
    names = [column.name for column in shown]
    if time and time not in names:
        names.append(time)
    order = f"\nORDER BY {_plain(time)} DESC" if time else ""
    return f"SELECT {', '.join(map(_plain, names))}\nFROM {table.place}{order}\nLIMIT {MOST_ROWS};"


def _first(columns: list[CatalogueColumn], most: int) -> list[CatalogueColumn]:
    """Return the columns that tell most: shares and counts before the rest."""
    figures = [one for one in columns if one.name.endswith(("_share", "_count", "_score", "_minutes", "_cents"))]
    return [*figures, *(one for one in columns if one not in figures)][:most]


def _counted(table: CatalogueTable) -> list[str]:
    names = {column.name for column in table.columns}
    group = next((name for name in GROUPS if name in names), None)
    if group is None:
        return []
    asked = f"SELECT {_plain(group)}, count(*) AS row_count\nFROM {table.place}"
    return [f"{asked}\nGROUP BY ALL\nORDER BY row_count DESC;"]


def _plain(name: str) -> str:
    """Return a name as a person writes it, quoted only where it must be."""
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) and name not in _reserved() else identifier(name)


@cache
def _reserved() -> frozenset[str]:
    """Return the words that DuckDB keeps for itself."""
    with duckdb.connect() as connection:
        rows = connection.execute("SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category = 'reserved'")
        return frozenset(name for (name,) in rows.fetchall())
