"""Batches: as many pages at once as memory allows, each record with its place in the delivery."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from contracts.pages import documents, markup, tables
from contracts.pages.page import Page, Sheaf

MOST_BYTES = 32 * 2**20
MOST_RECORDS = 100_000

READERS = {
    "json": documents.read_json,
    "geojson": documents.read_json,
    "ndjson": documents.read_lines,
    "csv": tables.read_csv,
    "workbook": tables.read_workbook,
    "xml": markup.read_xml,
    "syndication": markup.read_syndication,
}


@dataclass(frozen=True)
class Batch:
    """Some consecutive records of a delivery as text.

    records: one column for each sender's field that was wanted and came; broken: the records that could not be read
    at all; fields: the names of all sender's fields seen; starts: the first record of each page, by page name.
    """

    records: pl.DataFrame
    broken: pl.Series
    fields: list[str]
    starts: list[tuple[str, int]]
    first: int

    @property
    def size(self) -> int:
        """How many records it holds."""
        return len(self.broken)

    @property
    def recs(self) -> pl.Series:
        """The places of its records in the delivery, counted from 0."""
        return pl.int_range(self.first, self.first + self.size, dtype=pl.Int64, eager=True)


def read_batches(delivery: Path, receipt: Any, wanted: set[str]) -> Iterator[Batch]:
    """Read the records of a delivery in order, keeping only the sender's fields that are wanted.

    Raises UnreadablePage when a page is not what the receipt's layout says.
    """
    reader, first = READERS[receipt.layout.format], 0
    for pages in _groups(receipt.pages):
        for sheaf in reader(
            [Page(page.name, delivery / "pages" / page.name) for page in pages], receipt.layout, wanted
        ):
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
    return Batch(_given(sheaf.records), sheaf.broken, sheaf.fields, starts, first)


def _given(records: pl.DataFrame) -> pl.DataFrame:
    """Blanks around a value mean nothing, and a value of blanks only was not given."""
    text = pl.all().str.strip_chars()
    return records.with_columns(pl.when(text.str.len_bytes() > 0).then(text))
