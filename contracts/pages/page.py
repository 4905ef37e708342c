"""What a page reader takes and gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl


@dataclass(frozen=True)
class Page:
    """One kept answer of a source."""

    name: str
    path: Path

    def text(self, encoding: str = "utf-8") -> str:
        """Return what it says.

        Raises UnreadablePage when the bytes are not text in that encoding.
        """
        try:
            return self.path.read_bytes().decode("utf-8-sig" if encoding == "utf-8" else encoding)
        except UnicodeDecodeError as error:
            raise UnreadablePage(self.name, f"byte {error.start} is not {encoding}") from None


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
