"""Batches: as many pages at once as memory allows, each record with its place in the delivery."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from contracts.pages import documents, fixed_width, markup, tables, workbooks
from contracts.pages.opening import opened
from contracts.pages.page import Sheaf

MOST_BYTES = 56 * 2**20
MOST_RECORDS = 100_000

READERS = {
    "json": documents.read_json,
    "geojson": documents.read_json,
    "ndjson": documents.read_lines,
    "csv": tables.read_csv,
    "fixed_width": fixed_width.read_fixed_width,
    "workbook": workbooks.read_workbook,
    "xml": markup.read_xml,
    "syndication": markup.read_syndication,
}


@dataclass(frozen=True)
class Batch:
    """Some consecutive records of a delivery as text.

    records: one column for each sender's field that was wanted and came; broken: the records that could not be read
    at all; fields: the names of all sender's fields seen; starts: the first record of each page, by page name; recs:
    the places of the records in the delivery, counted from 0.
    """

    records: pl.DataFrame
    broken: pl.Series
    fields: list[str]
    starts: list[tuple[str, int]]
    recs: pl.Series

    @property
    def size(self) -> int:
        """How many records it holds."""
        return len(self.broken)

    def only(self, recs: pl.Series) -> Batch:
        """Return it with those of its records that are at these places."""
        wanted = self.recs.is_in(recs.implode())
        return replace(
            self, records=self.records.filter(wanted), broken=self.broken.filter(wanted), recs=self.recs.filter(wanted)
        )


def read_batches(delivery: Path, receipt: Any, wanted: set[str]) -> Iterator[Batch]:
    """Read the records of a delivery in order, keeping only the sender's fields that are wanted.

    A batch is read while the one before is worked on. Raises UnreadablePage when a page is not what the receipt's
    layout says.
    """
    with closing(_read(delivery, receipt, wanted)) as batches, ThreadPoolExecutor(1, "read") as thread:
        coming = thread.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = thread.submit(next, batches, None)
            yield batch


def _read(delivery: Path, receipt: Any, wanted: set[str]) -> Generator[Batch]:
    reader, first = READERS[receipt.layout.format], 0
    for group in _groups(receipt.pages):
        with opened(delivery, group, receipt.layout) as pages:
            for sheaf in reader(pages, receipt.layout, wanted):
                batch = _placed(sheaf, first)
                first += batch.size
                yield batch


def _groups(pages: list[Any]) -> Iterator[list[Any]]:
    group: list[Any] = []
    size = records = 0
    for page in pages:
        if group and (size + page.bytes > MOST_BYTES or records + (page.records or 0) > MOST_RECORDS):
            yield group
            group, size, records = [], 0, 0
        group.append(page)
        size, records = size + page.bytes, records + (page.records or 0)
    if group:
        yield group


def _placed(sheaf: Sheaf, first: int) -> Batch:
    starts, at = [], first
    for name, records in sheaf.counts:
        starts.append((name, at))
        at += records
    recs = pl.int_range(first, first + len(sheaf.broken), dtype=pl.Int64, eager=True)
    # a table without columns has no rows either; nothing of what was wanted came with these
    table = sheaf.records if sheaf.records.width else recs.cast(pl.String).to_frame("").clear(len(recs))
    return Batch(_given(table), sheaf.broken, sheaf.fields, starts, recs)


def _given(records: pl.DataFrame) -> pl.DataFrame:
    """Blanks around a value mean nothing, and a value of blanks only was not given."""
    stripped = records.select(pl.all().str.strip_chars())
    blank = pl.col([column.name for column in stripped if column.str.len_bytes().min() == 0])
    return stripped.with_columns(pl.when(blank.str.len_bytes() > 0).then(blank))
