"""Socrata (SODA 2.1): `$limit` and `$offset` over a stable `$order`, reconciled with `$select=count(*)`.

Source of the format: dev.socrata.com, "Queries using SODA". Values are text, null fields are left out of a record,
and floating timestamps are clock times of the city without an offset.
"""

from __future__ import annotations

from cities.model import SocrataFeed
from extractors.clocks import by_clock
from extractors.documents import cursors_in, fingerprint, read_json, records_in
from extractors.errors import FetchError
from extractors.paging import Page, by_offset
from extractors.question import Question
from extractors.session import Answer, Session
from extractors.source import Layout, Source, address, token


def ask(feed: SocrataFeed, question: Question) -> Source:
    """Ask a data set for its records; the access token, when there is one, lifts the limit on anonymous calls."""
    given = token(feed)
    headers = {"X-App-Token": given} if given else {}
    session = Session(address(feed), question.spool, question.tally, headers)
    where = _where(feed, question)

    def page(offset: int) -> Page:
        params = {"$limit": str(feed.page_size), "$offset": str(offset), "$order": feed.order or ":id", **where}
        return session.get(session.url, params, lambda answer: _page(answer, feed.cursor))

    count = session.get(session.url, {"$select": "count(*)", **where}, _count)
    return Source(Layout(format="json"), by_offset(page, feed.page_size, count), count, question.narrows(feed.cursor))


def _where(feed: SocrataFeed, question: Question) -> dict[str, str]:
    low, high = question.bounds(feed.cursor, by_clock(question.zone))
    conditions = [f"({feed.where})"] if feed.where else []
    if low is not None:
        conditions.append(f"{feed.cursor} >= '{_quoted(low)}'")
    if high is not None:
        conditions.append(f"{feed.cursor} < '{_quoted(high)}'")
    return {"$where": " AND ".join(conditions)} if conditions else {}


def _quoted(value: str) -> str:
    return value.replace("'", "''")


def _page(answer: Answer, cursor: str | None) -> Page:
    records = records_in(read_json(answer), "", answer.shown)
    return Page(answer.body, len(records), fingerprint(records), cursors_in(records, cursor))


def _count(answer: Answer) -> int:
    """Read `[{"count": "12"}]`; the name of the only column differs between versions."""
    rows = records_in(read_json(answer), "", answer.shown)
    values = [str(value) for row in rows for value in row.values()]
    if len(values) != 1 or not values[0].isdigit():
        raise FetchError(f"{answer.shown}: the source did not answer $select=count(*) with one number")
    return int(values[0])
