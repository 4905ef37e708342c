"""What a page reader takes and gives."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl


@dataclass(frozen=True)
class Page:
    """One kept answer of a source, or a file that it was packed in.

    `encoding` is how its text is written where that does not follow from its format; `file` its name at the source.
    """

    name: str
    path: Path
    encoding: str = "utf-8"
    file: str = ""

    def text(self) -> str:
        """Return what it says.

        Raises UnreadablePage when the bytes are not text in UTF-8.
        """
        try:
            return self.path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise UnreadablePage(self.name, f"byte {error.start} is not utf-8") from None

    @property
    def codec(self) -> str:
        """The name under which Python reads its text; a byte order mark before UTF-8 means nothing."""
        return "utf-8-sig" if codecs.lookup(self.encoding).name == "utf-8" else self.encoding


@dataclass(frozen=True)
class Sheaf:
    """Records read from some pages: text columns, which of them are broken, the names of all fields that came, and
    how many records came from each page; a page may come in several sheaves."""

    records: pl.DataFrame
    broken: pl.Series
    fields: list[str]
    counts: list[tuple[str, int]]


class UnreadablePage(Exception):
    """A page that is not what its layout says; holds its name and what is wrong, and no record."""

    def __init__(self, page: str, wrong: str) -> None:
        self.page, self.wrong = page, wrong
        super().__init__(f"page {page}: {wrong}")


def text_frame(columns: Mapping[str, Sequence[str | None] | pl.Series]) -> pl.DataFrame:
    """Return columns of text as a DataFrame."""
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def broken_by_nul(records: pl.DataFrame, broken: pl.Series, pattern: str = r"\x00") -> pl.Series:
    """Return which records are broken, those among them that hold NUL: no database takes it for text."""
    if not records.width:
        return broken
    return broken | records.select(pl.any_horizontal(pl.all().str.contains(pattern)).fill_null(False)).to_series()
