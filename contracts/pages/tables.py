"""Reads CSV: a line that names the columns, and one line a record."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

import polars as pl

from contracts.pages.headers import find_header, top
from contracts.pages.page import Page, Sheaf, UnreadablePage, broken_by_nul, text_frame

SLICE = 50_000
"""Records of a CSV file that are held at a time."""

LONGEST = 2**24
"""Characters of the longest value; the outline of a district has some hundred thousand."""

FILE = "_file"
"""The sender's field that holds the name of the file which a record came in."""


def read_csv(pages: list[Page], layout: Any, wanted: set[str]) -> Iterator[Sheaf]:
    """Read CSV files slice by slice; a broken record is a line with too few or too many values, with a NUL, or one
    that names the columns again.

    The standard library reads it, because only it keeps the place of a broken line and knows every encoding.
    """
    csv.field_size_limit(LONGEST)
    for page in pages:
        with page.path.open(encoding=page.codec, newline="") as file:
            lines = csv.reader(file, delimiter=layout.delimiter, strict=True, **_quoting(layout.quote))
            try:
                yield from _slices(page, lines, layout, wanted)
            except UnicodeDecodeError:
                raise UnreadablePage(page.name, f"not {page.encoding}") from None
            except csv.Error as error:
                raise UnreadablePage(page.name, f"line {lines.line_num}: {error}") from None


def _quoting(quote: str) -> dict[str, Any]:
    return {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE}


def _slices(page: Page, lines: Iterator[list[str]], layout: Any, wanted: set[str]) -> Iterator[Sheaf]:
    first = list(islice(lines, max(top(layout), 1)))
    names, above = find_header(first, layout, wanted)
    if not names:
        raise UnreadablePage(page.name, "no line names the columns; look at the feed's `header_row`")
    refuse_nul(page, first[:above])
    header = first[above - 1] if above else None
    records = (line for line in chain(first[above:], lines) if line)
    held = list(islice(records, SLICE))
    while True:
        yield _sheaf(page, names, held, header, wanted)
        held = list(islice(records, SLICE))
        if not held:
            return


def refuse_nul(page: Page, header: list[list[str]]) -> None:
    """Raise UnreadablePage where the header of a table is no text."""
    if any("\0" in cell for line in header for cell in line):
        raise UnreadablePage(page.name, "its first lines hold NUL; it may be UTF-16: name the feed's `encoding`")


def _sheaf(
    page: Page, names: list[str], lines: list[list[str]], header: list[str] | None, wanted: set[str]
) -> Sheaf:
    width = len(names)
    broken = [len(line) != width or line == header for line in lines]
    blank = [""] * width
    columns = list(zip(*(blank if bad else line for line, bad in zip(lines, broken, strict=True)), strict=True))
    texts = {name: columns[at] if columns else [] for at, name in enumerate(names) if name in wanted}
    return named(page, names, text_frame(texts), pl.Series(broken, dtype=pl.Boolean), wanted)


def named(page: Page, names: list[str], records: pl.DataFrame, broken: pl.Series, wanted: set[str]) -> Sheaf:
    """Return records of one file as a sheaf: a value with NUL breaks its record, and the file's name is a field."""
    broken = broken_by_nul(records, broken)
    if FILE in wanted:
        records = records.with_columns(pl.lit(page.file, pl.String).alias(FILE))
        names = [*names, FILE]
    return Sheaf(records, broken, names, [(page.name, len(broken))])
