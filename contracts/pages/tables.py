"""Reads CSV and workbooks: a line that names the columns, and one line a record."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any

import fastexcel
import polars as pl

from contracts.pages.page import Page, Sheaf, UnreadablePage, text_frame

SLICE = 50_000
"""Records of a CSV file that are held at a time."""


def read_csv(pages: list[Page], layout: Any, wanted: set[str]) -> Iterator[Sheaf]:
    """Read CSV files slice by slice; a line with too few or too many values is a broken record.

    The standard library reads it, because only it keeps the place of a broken line and knows every encoding.
    """
    encoding = "utf-8-sig" if (layout.encoding or "utf-8").lower() == "utf-8" else layout.encoding
    for page in pages:
        with page.path.open(encoding=encoding, newline="") as file:
            try:
                yield from _slices(page, file, layout, wanted)
            except (UnicodeDecodeError, csv.Error) as error:
                wrong = f"not {encoding}" if isinstance(error, UnicodeDecodeError) else str(error)
                raise UnreadablePage(page.name, wrong) from None


def _slices(page: Page, file: IO[str], layout: Any, wanted: set[str]) -> Iterator[Sheaf]:
    lines = csv.reader(file, delimiter=layout.delimiter or ",", strict=True)
    names = _names(next(islice(lines, (layout.header_row or 1) - 1, None), []))
    if not names:
        raise UnreadablePage(page.name, f"line {layout.header_row or 1} names no columns")
    records = (line for line in lines if line)
    held = list(islice(records, SLICE))
    while True:
        yield _sheaf(page, names, held, wanted)
        held = list(islice(records, SLICE))
        if not held:
            return


def _sheaf(page: Page, names: list[str], lines: list[list[str]], wanted: set[str]) -> Sheaf:
    width = len(names)
    broken = [len(line) != width for line in lines]
    blank = [""] * width
    columns = list(zip(*(blank if bad else line for line, bad in zip(lines, broken, strict=True)), strict=True))
    texts = {name: columns[at] if columns else [] for at, name in enumerate(names) if name in wanted}
    return Sheaf(text_frame(texts), pl.Series(broken, dtype=pl.Boolean), names, [(page.name, len(lines))])


def read_workbook(pages: list[Page], layout: Any, wanted: set[str]) -> Iterator[Sheaf]:
    """Read one sheet of each workbook as text, dates in ISO 8601; lines without any value are no records."""
    for page in pages:
        frame = _sheet(page, layout)
        names = _names(frame.columns)
        frame = text_frame({name: frame.to_series(at) for at, name in enumerate(names)})
        frame = frame.filter(pl.any_horizontal(pl.all().str.strip_chars().str.len_bytes() > 0)) if names else frame
        broken = pl.repeat(False, len(frame), eager=True)
        yield Sheaf(frame.select(name for name in names if name in wanted), broken, names, [(page.name, len(frame))])


def _sheet(page: Page, layout: Any) -> pl.DataFrame:
    try:
        book = fastexcel.read_excel(page.path)
        sheet = book.load_sheet(layout.sheet or 0, header_row=(layout.header_row or 1) - 1, dtypes="string")
        return sheet.to_polars()
    except fastexcel.FastExcelError as error:
        raise UnreadablePage(page.name, str(error).splitlines()[0]) from None


def _names(header: list[str]) -> list[str]:
    """Return names for all columns: one without a name gets its number, a second of the same name a suffix."""
    names: list[str] = []
    for at, given in enumerate(header, start=1):
        name = given.strip() or f"column {at}"
        names.append(name if name not in names else f"{name} ({at})")
    return names
