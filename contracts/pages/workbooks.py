"""Reads workbooks, old (.xls) and new (.xlsx): in each sheet lines that name the columns, and one line a record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import fastexcel
import polars as pl

from contracts.pages.headers import find_header, top
from contracts.pages.page import Page, Sheaf, UnreadablePage, text_frame
from contracts.pages.tables import named

SHEET = "_sheet"
"""The sender's field that holds the name of the sheet which a record stands in."""

SHOWN = {"Div0": "#DIV/0!", "NA": "#N/A", "Name": "#NAME?", "Null": "#NULL!", "Num": "#NUM!", "Ref": "#REF!",
         "Value": "#VALUE!"}  # fmt: skip
"""What a cell shows whose formula failed."""


def read_workbook(pages: list[Page], layout: Any, wanted: set[str]) -> Iterator[Sheaf]:
    """Read the sheets that the layout names as text, dates in ISO 8601; lines without any value are no records.

    A cell whose formula failed says what it shows. Of several sheets those without any value are left out.
    """
    for page in pages:
        try:
            # opened by its bytes, because opened by its path it is believed to be what the path's ending says
            book = fastexcel.read_excel(page.path.read_bytes())
            for name in _sheets(page, book, layout.sheet):
                cells = _cells(book, name)
                if len(cells) or not layout.sheet:
                    yield _sheaf(page, name, cells, layout, wanted)
        except fastexcel.FastExcelError as error:
            raise UnreadablePage(page.name, str(error).splitlines()[0]) from None


def _sheets(page: Page, book: Any, pattern: str | None) -> list[str]:
    there = list(book.sheet_names)
    chosen = [name for name in there if fnmatchcase(name, pattern)] if pattern else there[:1]
    if not chosen:
        raise UnreadablePage(page.name, f"no sheet is called {pattern!r}; it has {', '.join(there[:20])}")
    return chosen


def _cells(book: Any, sheet: str) -> pl.DataFrame:
    """Return all lines of a sheet from its first on, as text."""
    table, found = book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string").to_arrow_with_errors()
    cells = text_frame({str(at): pl.Series(pl.from_arrow(column)) for at, column in enumerate(table.columns)})
    failed: dict[int, dict[int, str]] = defaultdict(dict)
    for error in found.errors if found else ():
        row, column = error.position
        failed[column][row] = _shown(error.detail)
    for at, shown in failed.items():
        cells = cells.with_columns(cells[str(at)].scatter(list(shown), list(shown.values())))
    return cells


def _shown(detail: str) -> str:
    return next((text for name, text in SHOWN.items() if f"({name})" in detail), "#ERROR")


def _sheaf(page: Page, sheet: str, cells: pl.DataFrame, layout: Any, wanted: set[str]) -> Sheaf:
    first = [[cell or "" for cell in line] for line in cells.head(max(top(layout), 1)).rows()]
    names, above = find_header(first, layout, wanted)
    if not names:
        raise UnreadablePage(page.name, f"no line of the sheet {sheet!r} names the columns; look at `header_row`")
    records = cells.slice(above).filter(pl.any_horizontal(pl.all().str.strip_chars().str.len_bytes() > 0))
    records = records.select(pl.nth(at).alias(name) for at, name in enumerate(names) if name in wanted)
    if SHEET in wanted:
        records = records.with_columns(pl.lit(sheet, pl.String).alias(SHEET))
        names = [*names, SHEET]
    return named(page, names, records, pl.repeat(False, len(records), dtype=pl.Boolean, eager=True), wanted)
