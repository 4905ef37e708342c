"""A table of a department's own database, SQLite or PostgreSQL, read only, page by page in the order of its key.

DuckDB's extensions carry the questions over; the database itself compares, orders and writes its values as text, so
that 1234.50 stays 1234.50. Pages are NDJSON, one object a row, in which a value is text or null.
"""

from __future__ import annotations

import importlib.util
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import duckdb

from cities import home
from cities.model import SqlFeed
from extractors.clocks import Writing, by_clock, in_utc
from extractors.documents import fingerprint
from extractors.errors import FetchError
from extractors.paging import Page, by_key
from extractors.question import Question
from extractors.session import show, spooled
from extractors.source import Layout, Source, address

Row = tuple[str | None, ...]


def ask(feed: SqlFeed, question: Question) -> Source:
    """Ask a table for its rows."""
    database = Database(address(feed))
    table = f"{_table(feed.table)} AS t"
    columns = database.columns(f"SELECT * FROM {table}")
    conditions = _conditions(feed, question, database)
    values = ", ".join(f"CAST({_column(name)} AS TEXT) AS {_name(name)}" for name in columns)
    keys = ", ".join(_column(name) for name in feed.key)
    positions = [_position(name, columns, feed.table) for name in [*feed.key, *([feed.cursor] if feed.cursor else [])]]

    def page(last: tuple[str, ...]) -> Page:
        after = [f"({keys}) > ({', '.join(map(quoted, last))})"] if last else []
        # the columns in ORDER BY are the table's own: their texts, which the page holds, would order 10 before 9
        rows = database.rows(
            f"SELECT {values} FROM {table}{_where(conditions + after)} ORDER BY {keys} LIMIT {feed.page_size}"
        )
        return _page(rows, columns, positions[: len(feed.key)], positions[len(feed.key) :], question.spool)

    count = int(str(database.rows(f"SELECT CAST(count(*) AS TEXT) FROM {table}{_where(conditions)}")[0][0]))
    pages = by_key(page, feed.page_size, count)
    return Source(Layout(format="ndjson"), pages, count, question.narrows(feed.cursor))


class Database:
    """A read-only way into a department's database.

    `url` is `sqlite:///file` (under CIVICLAKE_HOME), `sqlite:////file` or `postgresql://...`. Every method raises
    FetchError with the database's own reason.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._system, place = _place(url)
        # without a place of its own for secrets, DuckDB would look for some in the user's home
        place_of_secrets = str(home() / "secrets" / "duckdb")
        self._duckdb = duckdb.connect(
            config={"autoinstall_known_extensions": False, "secret_directory": place_of_secrets}
        )
        self._run(f"LOAD '{_extension(self._system)}'")
        self._run(f"ATTACH {quoted(place)} AS source (TYPE {self._system}, READ_ONLY)")

    def rows(self, query: str) -> list[Row]:
        """Return what the database answers to a SELECT of texts."""
        return cast(list[Row], self._run(f"FROM {self._system}_query('source', {quoted(query)})").fetchall())

    def columns(self, query: str) -> list[str]:
        """Return the names of the columns that a SELECT has, in their order."""
        described = self._run(f"DESCRIBE FROM {self._system}_query('source', {quoted(query)})")
        return [row[0] for row in described.fetchall()]

    def _run(self, statement: str) -> duckdb.DuckDBPyConnection:
        try:
            return self._duckdb.execute(statement)
        except duckdb.Error as error:
            # DuckDB repeats the connection string and the query, both in quotes, before the database's own words
            line = str(error).partition("\n")[0]
            reason = re.sub(r"^\s*(ERROR|FATAL):\s*", "", line.rpartition('": ')[2])
            is_temporary = isinstance(error, duckdb.IOException) or "locked" in reason
            raise FetchError(f"{show(self._url)}: the database says: {reason}", temporary=is_temporary) from None


def quoted(value: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def _place(url: str) -> tuple[str, str]:
    """Return DuckDB's name for the kind of database, and where it is."""
    if url.startswith("postgresql://"):
        separator = "&" if urlsplit(url).query else "?"
        return "postgres", url if "connect_timeout=" in url else f"{url}{separator}connect_timeout=10"
    if not url.startswith("sqlite:///"):
        raise FetchError("a database's url must start with postgresql:// or sqlite:///")
    place = home() / url.removeprefix("sqlite:///")
    if not place.is_file():
        raise FetchError(f"{place}: no such database file; correct the feed's url, or mount it", temporary=True)
    return "sqlite", str(place)


def _extension(system: str) -> Path:
    """Return the extension's file in its wheel: nothing is downloaded, and nothing is kept in the user's home."""
    package = importlib.util.find_spec(f"duckdb_extension_{system}_scanner")
    if package is None or package.origin is None:
        raise FetchError(f"the package duckdb-extension-{system}-scanner is not installed; install requirements.lock")
    name = f"{system}_scanner.duckdb_extension"
    return Path(package.origin).parent / "extensions" / f"v{duckdb.__version__}" / name


def _conditions(feed: SqlFeed, question: Question, database: Database) -> list[str]:
    if not feed.cursor or not question.narrows(feed.cursor):
        return []
    writing = by_clock(question.zone)
    if not question.window.is_open:
        newest = f"SELECT CAST(max({_column(feed.cursor)}) AS TEXT) FROM {_table(feed.table)} AS t"
        writing = like(database.rows(newest)[0][0] or "", question.zone)
    low, high = question.bounds(feed.cursor, writing)
    conditions = [f"{_column(feed.cursor)} >= {quoted(low)}"] if low is not None else []
    return conditions + ([f"{_column(feed.cursor)} < {quoted(high)}"] if high is not None else [])


def like(sample: str, zone: ZoneInfo) -> Writing:
    """Return the writing of which a value is a sample: a database may keep instants as texts of any ISO 8601 form."""
    separator = sample[10:11] or " "
    offset = re.search(r"(Z|[+-]\d\d(:?\d\d)?)$", sample[11:])
    if offset:
        return in_utc(f"%Y-%m-%d{separator}%H:%M:%S" + ("Z" if offset.group() == "Z" else "+00:00"))
    if len(sample) == len("2026-10-26"):
        return by_clock(zone, "%Y-%m-%d", step=timedelta(days=1))
    return by_clock(zone, f"%Y-%m-%d{separator}%H:%M:%S")


def _page(rows: list[Row], columns: list[str], key: list[int], cursor: list[int], spool: Path) -> Page:
    body = spooled(spool)
    for row in rows:
        body.write(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False).encode() + b"\n")
    body.seek(0)
    cursors = tuple(value for position in cursor for row in rows if (value := row[position]) is not None)
    last = tuple(str(rows[-1][position]) for position in key) if rows else None
    return Page(body, len(rows), fingerprint(rows), cursors, following=last)


def _where(conditions: list[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _table(name: str) -> str:
    return ".".join(_name(part) for part in name.split("."))


def _column(name: str) -> str:
    return f"t.{_name(name)}"


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _position(name: str, columns: list[str], table: str) -> int:
    if name not in columns:
        raise FetchError(f"{table} has no column {name!r}; it has {', '.join(columns)}")
    return columns.index(name)
