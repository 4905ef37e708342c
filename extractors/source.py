"""What every kind of system gives to a fetch."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from cities import Feed
from extractors import clocks
from extractors.errors import FetchError
from extractors.paging import Page

Format = Literal["json", "ndjson", "geojson", "xml", "csv", "workbook", "syndication"]

SUFFIXES: dict[Format, str] = {
    "json": ".json",
    "ndjson": ".ndjson",
    "geojson": ".geojson",
    "xml": ".xml",
    "csv": ".csv",
    "workbook": ".xlsx",
    "syndication": ".xml",
}


class Layout(BaseModel):
    """How the kept pages are to be read.

    `records` is the dotted path of the list of records in JSON ("" is the document itself, `features[].attributes`
    the attributes of each feature), in XML the name of a record's element. `header_row` is 1-based.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Format
    records: str = ""
    header_row: int = 1
    delimiter: str = ","
    encoding: str = "utf-8"
    sheet: str | None = None


@dataclass(frozen=True)
class Source:
    """A system's answer to a question: its pages, asked for one by one as they are taken.

    `count` is its own number of records for the same question, asked before the first page; a system that sends the
    number with its pages leaves it None here. `is_narrowed` is true when the question left records out. `rank` tells
    what orders its cursor values.
    """

    layout: Layout
    pages: Iterator[Page]
    count: int | None = None
    is_narrowed: bool = False
    rank: Callable[[str, ZoneInfo], datetime | Decimal | None] = clocks.rank


def address(feed: Feed) -> str:
    """Return the feed's address: what the variable named by `url_env` holds where it is set, else `url`."""
    if feed.url_env and (not feed.url or os.environ.get(feed.url_env)):
        return _environment(feed.url_env, "the feed's address")
    return feed.url


def token(feed: Feed) -> str | None:
    """Return the access token that the city file names, None when the source needs none."""
    return _environment(feed.token_env, "the source's access token") if feed.token_env else None


def _environment(name: str, what: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise FetchError(f"the environment variable {name} is not set; it must hold {what}")
    return value
