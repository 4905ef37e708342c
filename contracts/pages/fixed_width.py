"""Reads files of fixed width: one line a record, each column at its place in the line as the city file says."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import polars as pl

from contracts.pages.page import Page, Sheaf, UnreadablePage
from contracts.pages.tables import SLICE, named

END = "\x1a"
"""What DOS and some hosts write at the end of a text."""


def read_fixed_width(pages: list[Page], layout: Any, wanted: set[str]) -> Iterator[Sheaf]:
    """Read files slice by slice; a line that ends before its last column begins is a broken record.

    Where places are counted in bytes, as hosts do that write Chinese or Korean, a character may not be cut.
    """
    for page in pages:
        codec = "latin-1" if layout.counted_in == "bytes" else page.codec
        with page.path.open(encoding=codec) as file:
            lines = (line.rstrip("\n") for line in islice(file, layout.header_row, None) if line.strip(f"{END} \n"))
            try:
                while held := list(islice(lines, SLICE)):
                    yield _sheaf(page, held, layout, wanted)
            except UnicodeDecodeError:
                raise UnreadablePage(page.name, f"not {page.encoding}") from None


def _sheaf(page: Page, lines: list[str], layout: Any, wanted: set[str]) -> Sheaf:
    text = pl.Series(lines, dtype=pl.String)
    broken = text.str.len_chars() < max(column.start for column in layout.columns)
    cut = {
        column.name: text.str.slice(column.start - 1, column.width)
        for column in layout.columns
        if column.name in wanted
    }
    if layout.counted_in == "bytes":
        cut, broken = _decoded(cut, broken, page.encoding)
    names = [column.name for column in layout.columns]
    return named(page, names, pl.DataFrame(cut), broken, wanted)


def _decoded(cut: dict[str, pl.Series], broken: pl.Series, encoding: str) -> tuple[dict[str, pl.Series], pl.Series]:
    """Read the bytes, of which each was taken for a character, as what they are."""
    read = {name: [_text(value, encoding) for value in column] for name, column in cut.items()}
    for column in read.values():
        broken |= pl.Series([value is None for value in column], dtype=pl.Boolean)
    return {name: pl.Series(column, dtype=pl.String) for name, column in read.items()}, broken


def _text(value: str, encoding: str) -> str | None:
    try:
        return value.encode("latin-1").decode(encoding)
    except UnicodeDecodeError:
        return None
