"""The finance department's own database: three tables of text columns, in a SQLite file or in PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from sandbox.city import City

TABLES = {
    "budget_lines": "finance__budget_lines",
    "contracts": "finance__commitments",
    "payments": "finance__payments",
}


def _created(table: str, columns: Sequence[str]) -> str:
    return f"CREATE TABLE {table} ({', '.join(f'{column} TEXT' for column in columns)})"


def _write_sqlite(path: Path, city: City) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    connection = sqlite3.connect(beside)
    with connection:
        for table, feed in TABLES.items():
            records = city.records(feed)
            connection.execute(_created(table, list(records[0])))
            marks = ", ".join("?" * len(records[0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", [tuple(r.values()) for r in records])
    connection.close()
    beside.replace(path)


def _write_postgresql(url: str, city: City) -> None:
    # Only a city that keeps its finances in PostgreSQL needs the driver.
    import psycopg

    with psycopg.connect(url) as connection:
        for table, feed in TABLES.items():
            records = city.records(feed)
            connection.execute(f"DROP TABLE IF EXISTS {table}")
            connection.execute(_created(table, list(records[0])))
            with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                for record in records:
                    copy.write_row(tuple(record.values()))


def write_tables(url: str, city: City) -> None:
    """Write the day's tables whole, visible all at once.

    `url` is `sqlite:////absolute/path`, `sqlite:///relative/path` or `postgresql://...`; ValueError for anything else.
    """
    if url.startswith("sqlite:///"):
        _write_sqlite(Path(url.removeprefix("sqlite:///")), city)
    elif url.startswith(("postgresql://", "postgres://")):
        _write_postgresql(url, city)
    else:
        raise ValueError(
            f"the finance database must be a sqlite:/// or postgresql:// address, not {url.split(':')[0]}:"
        )
