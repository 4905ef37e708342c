"""A table or query of a department's own database, read only, page by page in the order of its key.

DuckDB's extensions carry the questions over; the database itself compares, orders and writes its values as text.
Pages are NDJSON, one object a row, in which a value is text or null. Each page begins with the last row of the page
before, which shows whether the database, by its own rules of comparing, can tell that row from others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from cities.systems import SqlFeed
from extractors.clocks import Writing, by_clock, in_utc
from extractors.databases import FILES, Database, Row
from extractors.documents import fingerprint
from extractors.errors import FetchError
from extractors.paging import Page, by_key
from extractors.question import Question
from extractors.session import show, spooled
from extractors.source import Layout, Source, address

BATCH = 1000
"""Rows that lie in memory at once."""


def ask(feed: SqlFeed, question: Question) -> Source:
    """Ask a table, or what a query makes of some, for its rows."""
    table = _open(feed)
    try:
        conditions = _conditions(table, question)
        count = table.count(conditions)
    except BaseException:
        table.database.close()
        raise

    def recount() -> int:
        # another connection shows the present, as the pages of MariaDB do
        again = _open(feed)
        with closing(again.database):
            return again.count(conditions)

    pages = by_key(lambda last: table.page(conditions, last, question.spool), feed.page_size, count)
    narrowed = question.narrows(feed.cursor)
    return Source(Layout(format="ndjson"), _closing(pages, table.database), count, narrowed, recount=recount)


def _open(feed: SqlFeed) -> Table:
    return Table(Database(address(feed), feed.seconds), feed, show(address(feed)))


def _closing(pages: Iterator[Page], database: Database) -> Iterator[Page]:
    try:
        yield from pages
    finally:
        database.close()


@dataclass
class Table:
    """What is asked of one database: `t` stands for the feed's table or query."""

    database: Database
    feed: SqlFeed
    shown: str

    @cached_property
    def source(self) -> str:
        """What stands after FROM."""
        if self.feed.query:
            return f"({self.feed.query.strip().rstrip(';')}) AS t"
        return ".".join(map(self.database.dialect.name, (self.feed.table or FILES).split("."))) + " AS t"

    @cached_property
    def columns(self) -> dict[str, str]:
        """The columns and their kinds; raises FetchError where the key or the cursor is none of them."""
        found = self.database.columns(f"SELECT * FROM {self.source}")
        for name in [*self.feed.key, *([self.feed.cursor] if self.feed.cursor else [])]:
            if name not in found:
                what = self.feed.table or "the query"
                raise FetchError(f"{what} has no column {name!r}; it has {', '.join(found)}")
        return found

    def column(self, name: str) -> str:
        """Return a column's name as an expression."""
        return f"t.{self.database.dialect.name(name)}"

    def newest(self, name: str) -> tuple[str, str]:
        """Return the greatest value of a column, as text and as a mark; both empty where there is none."""
        dialect, greatest, kind = self.database.dialect, f"max({self.column(name)})", self.columns[name]
        columns = f"{dialect.text(greatest, kind)} AS newest, {dialect.mark(greatest, kind)} AS mark"
        text, mark = self.database.rows(f"SELECT {columns} FROM {self.source}")[0]
        return text or "", mark or ""

    def count(self, conditions: list[str]) -> int:
        """Return the number of rows; raises FetchError where a part of the key is null in one."""
        dialect, keys = self.database.dialect, [(name, self.columns[name]) for name in self.feed.key]
        missing = " OR ".join(f"{self.column(name)} IS NULL" for name, _ in keys)
        number, without = (
            dialect.text(expression, "BIGINT") for expression in ("count(*)", f"count(CASE WHEN {missing} THEN 1 END)")
        )
        counts = f"SELECT {number} AS all_rows, {without} AS without_key FROM {self.source}{_where(conditions)}"
        rows, nulls = (int(value or 0) for value in self.database.rows(counts)[0])
        if nulls:
            raise FetchError(
                f"{self.shown}: {', '.join(self.feed.key)} is null in {nulls} rows, which no order would reach; "
                "name columns under `key` that every row has"
            )
        return rows

    def page(self, conditions: list[str], last: tuple[str, ...], spool: Path) -> Page:
        """Return the rows from the last key of the page before on, without that one row."""
        dialect, width = self.database.dialect, len(self.columns)
        keys = [(self.column(name), self.columns[name]) for name in self.feed.key]
        literals = [dialect.literal(mark, kind) for mark, (_, kind) in zip(last, keys, strict=False)]
        columns = [column for column, _ in keys]
        same = " AND ".join(f"{column} = {literal}" for column, literal in zip(columns, literals, strict=False))
        values = [dialect.text(self.column(name), kind) for name, kind in self.columns.items()]
        values = [f"{value} AS v{at}" for at, value in enumerate(values)]
        values += [f"{dialect.mark(*key)} AS k{at}" for at, key in enumerate(keys)]
        values.append(f"CASE WHEN {same or '1 = 0'} THEN 'same' END AS known")
        after = [_from(columns, literals)] if last else []
        # the columns in ORDER BY are the table's own: their texts, which the page holds, would order 10 before 9
        query = (
            f"SELECT {', '.join(values)} FROM {self.source}{_where(conditions + after)} "
            f"ORDER BY {', '.join(columns)} LIMIT {self.feed.page_size + bool(last)}"
        )
        return self._kept(self._unknown(self.database.batches(query, BATCH)), width, spool)

    def _unknown(self, batches: Iterator[list[Row]]) -> Iterator[Row]:
        """Yield the rows without the one that was met; raises FetchError where the database sees several like it."""
        known = 0
        for row in (row for batch in batches for row in batch):
            known += row[-1] is not None
            if known > 1:
                raise FetchError(
                    f"{self.shown}: several rows have the same {', '.join(self.feed.key)} as the database compares it "
                    "(it may take upper and lower case, or an accent, for the same), so that pages would lose some; "
                    "name columns under `key` that tell every row from the others"
                )
            if row[-1] is None:
                yield row

    def _kept(self, rows: Iterator[Row], width: int, spool: Path) -> Page:
        names, body, size = list(self.columns), spooled(spool), 0
        cursor = names.index(self.feed.cursor) if self.feed.cursor else None
        cursors: set[str] = set()
        first: Row = ()
        row: Row = ()
        for row in rows:
            size += 1
            first = first or row
            body.write(json.dumps(dict(zip(names, row, strict=False)), ensure_ascii=False).encode() + b"\n")
            if cursor is not None and (value := row[cursor]) is not None:
                cursors.add(value)
        body.seek(0)
        last = tuple(map(str, row[width:-1])) if size else None
        return Page(body, size, fingerprint([size, first, row]), tuple(sorted(cursors)), following=last)


def _from(columns: list[str], literals: list[str]) -> str:
    """Return the condition for a row that is not before these values, in the order of the columns."""
    (column, *others), (literal, *rest) = columns, literals
    if not others:
        return f"{column} >= {literal}"
    # the first comparison lets the database use its index, whatever it makes of the rest
    return f"{column} >= {literal} AND ({column} > {literal} OR ({column} = {literal} AND {_from(others, rest)}))"


def _conditions(table: Table, question: Question) -> list[str]:
    name = table.feed.cursor
    if not name or not question.narrows(name):
        return []
    kind, (sample, mark) = table.columns[name], table.newest(name)
    writing = by_clock(question.zone) if question.window.is_open else like(sample, question.zone)
    bounds = zip((">=", "<"), question.bounds(name, writing), strict=True)
    return [
        f"{table.column(name)} {sign} {table.database.dialect.bound(value, kind, mark)}"
        for sign, value in bounds
        if value is not None
    ]


def like(sample: str, zone: ZoneInfo) -> Writing:
    """Return the writing of which a value is a sample: a database may keep instants as texts of any ISO 8601 form."""
    separator = sample[10:11] or " "
    offset = re.search(r"(Z|[+-]\d\d(:?\d\d)?)$", sample[11:])
    if offset:
        return in_utc(f"%Y-%m-%d{separator}%H:%M:%S" + ("Z" if offset.group() == "Z" else "+00:00"))
    if len(sample) == len("2026-10-26"):
        return by_clock(zone, "%Y-%m-%d", step=timedelta(days=1))
    return by_clock(zone, f"%Y-%m-%d{separator}%H:%M:%S")


def _where(conditions: list[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""
