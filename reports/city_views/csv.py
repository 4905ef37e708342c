"""The figures of a view as CSV: its headline, the points of its charts, and its table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

HEADS = ("part", "row", "column", "value")
BYTE_ORDER_MARK = "\ufeff"
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def csv_path(slug: str) -> str:
    """Return where the figures of a view lie, beside the folders of the languages."""
    return f"tables/view_{slug}.csv"


def view_csv(page: Mapping[str, Any]) -> str:
    """Return a row for each figure of a view's page: the part of the page, the row's first cell, column, and value.

    It begins with a byte order mark, without which office programs spoil Chinese, and a text that such a program would
    take for a formula is kept from being one.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADS)
    writer.writerows([_harmless(value) for value in row] for row in _rows(page))
    return BYTE_ORDER_MARK + out.getvalue()


def _rows(page: Mapping[str, Any]) -> Iterator[Sequence[Any]]:
    headline, table = page["headline"], page["table"]
    for column, value in zip(headline["columns"], headline["values"], strict=True):
        yield "headline", "", column["id"], value
    for chart in page["charts"]:
        for name, value in chart["rows"]:
            yield chart["id"], name, chart["y"]["id"], value
    for row in table["rows"]:
        for column, value in zip(table["columns"][1:], row[1:], strict=True):
            yield "table", row[0], column["id"], value


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_SIGNS) else value
