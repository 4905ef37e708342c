"""What every kind of system gives to a fetch."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from cities.terms import Column, FeedTerms, WebTerms
from extractors import clocks, session
from extractors.errors import FetchError
from extractors.pace import Pace
from extractors.paging import Page
from extractors.question import Question
from extractors.session import Session

Format = Literal["json", "ndjson", "geojson", "xml", "csv", "fixed_width", "workbook", "syndication"]

SUFFIXES: dict[Format, str] = {
    "json": ".json",
    "ndjson": ".ndjson",
    "geojson": ".geojson",
    "xml": ".xml",
    "csv": ".csv",
    "fixed_width": ".txt",
    "workbook": ".xlsx",
    "syndication": ".xml",
}


class Layout(BaseModel):
    """How the kept pages are to be read.

    `records` is the dotted path of the list of records in JSON ("" is the document itself, `features[].attributes`
    the attributes of each feature), in XML the name of a record's element. `header_row` is 1-based, 0 where no line
    names the columns, "auto" where the line is known by its wordings. `encoding` is None where the city file does not
    say it: then each page says what was found out. `sheet` is a name or pattern. With a `member`, a name or pattern,
    pages are zips that it is read from. Unpacked, a page has `limit_mb` (of 2**20 bytes) at most.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Format
    records: str = ""
    header_row: int | Literal["auto"] = 1
    header_rows: int = 1
    delimiter: str = ","
    quote: str = '"'
    columns: list[Column] = []
    counted_in: Literal["characters", "bytes"] = "characters"
    encoding: str | None = None
    sheet: str | None = None
    member: str | None = None
    limit_mb: int = 512

    @property
    def suffix(self) -> str:
        """How the names of kept pages end."""
        return ".zip" if self.member is not None else SUFFIXES[self.format]


@dataclass(frozen=True)
class Source:
    """A system's answer to a question: its pages, asked for one by one as they are taken.

    `count` is its own number of records for the same question, asked before the first page; a system that sends the
    number with its pages leaves it None here. `recount` asks for it again, after the last page. `is_narrowed` is true
    when the question left records out. `rank` tells what orders its cursor values. `validator` gives, once the pages
    were taken, what the answer can be recognised by next time; `not_modified` is true when nothing changed since the
    question's own validator: then there are no pages. `after` is called once the delivery is visible: the source need
    no longer keep what it holds. `may_lack` says, once the pages were taken, why records may be missing, None where
    nothing speaks for it.
    """

    layout: Layout
    pages: Iterator[Page]
    count: int | None = None
    is_narrowed: bool = False
    rank: Callable[[str, ZoneInfo], datetime | Decimal | None] = clocks.rank
    validator: Callable[[], str | None] = lambda: None
    not_modified: bool = False
    after: Callable[[], None] = lambda: None
    may_lack: Callable[[], str | None] = lambda: None
    recount: Callable[[], int | None] = lambda: None


def open_session(feed: WebTerms, question: Question, headers: Mapping[str, str] = MappingProxyType({})) -> Session:
    """Open the conversation with a feed's server on the feed's own terms."""
    return Session(
        address(feed),
        question.spool,
        question.tally,
        headers,
        patience=replace(session.PATIENCE, max_bytes=feed.limit_mb * 2**20),
        hosts=feed.hosts,
        pace=Pace(feed.rate),
    )


def address(feed: FeedTerms) -> str:
    """Return the feed's address: what the variable named by `url_env` holds where it is set, else `url`."""
    if feed.url_env and (not feed.url or os.environ.get(feed.url_env)):
        return environment(feed.url_env, "the feed's address")
    return feed.url


def token(feed: FeedTerms) -> str | None:
    """Return the access token that the city file names, None when the source needs none."""
    return environment(feed.token_env, "the source's access token") if feed.token_env else None


def environment(name: str, what: str) -> str:
    """Return what an environment variable named by the city file holds; raises FetchError when it is not set."""
    value = os.environ.get(name)
    if not value:
        raise FetchError(f"the environment variable {name} is not set; it must hold {what}")
    return value
