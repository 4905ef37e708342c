"""The verb fetch: ask a source, keep every page as it came, hand over the folder."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from cities import Feed, now
from extractors import arcgis, ckan, files, folder, open311, sensorthings, socrata, sql
from extractors.delivery import Draft, KeptPage, Receipt, Span, delivery_place
from extractors.errors import FetchError
from extractors.newest import Mark, newest
from extractors.question import Question, Window
from extractors.session import show
from extractors.source import SUFFIXES, Source

LOG = logging.getLogger("civiclake.fetch")

SYSTEMS: dict[str, Callable[[Any, Question], Source]] = {
    "socrata": socrata.ask,
    "open311": open311.ask,
    "arcgis": arcgis.ask,
    "ckan": ckan.ask,
    "sensorthings": sensorthings.ask,
    "sql": sql.ask,
    "csv": files.ask,
    "json": files.ask,
    "geojson": files.ask,
    "workbook": files.ask,
    "syndication": files.ask,
    "folder": folder.ask,
}
"""How each kind of system is asked: a new kind is one module and one line here."""


def fetch(
    feed_id: str,
    feed: Feed,
    delivery_id: str,
    *,
    cursor: str | None,
    window: Window | None = None,
    time_zone: str,
) -> Path:
    """Fetch one delivery of a feed and return its folder; a delivery that is there already is not fetched again.

    `cursor` is the last value seen of the feed's cursor field; the source is asked from it on, its own record
    included. A `window` (back-fill) takes its place, and the cursor then stays where it is, as it does when fewer
    records come than the source counts. A feed whose system or city file has no cursor field is taken whole.
    `time_zone` reads clock times without an offset, unless the feed says its own. Raises FetchError, and then nothing
    of the delivery is visible.
    """
    place = delivery_place(feed_id, delivery_id)
    if place.exists():
        LOG.info("%s %s: kept already", feed_id, delivery_id)
        return place
    try:
        with Draft(place) as draft:
            question = Question(cursor, window or Window(), ZoneInfo(feed.time_zone or time_zone), now(), draft.folder)
            return draft.publish(_collect(feed_id, feed, question, draft))
    except OSError as error:
        raise FetchError(
            f"{feed_id}: the delivery could not be kept ({error.strerror} at {error.filename or place}); "
            "mend that or free space, then fetch again",
            temporary=True,
        ) from None
    except FetchError as error:
        told = _without_secret_address(str(error), feed)
        raise FetchError(f"{feed_id}: {told}", temporary=error.temporary, wait_seconds=error.wait_seconds) from None


def _without_secret_address(message: str, feed: Feed) -> str:
    """Name the variable instead of the address that it holds, whose path alone may open the door."""
    secret = os.environ.get(feed.url_env or "")
    return message.replace(show(secret), f"the address in {feed.url_env}") if secret else message


def _collect(feed_id: str, feed: Feed, question: Question, draft: Draft) -> Receipt:
    """Keep all pages of a feed and return the receipt for them."""
    source = SYSTEMS[feed.system](feed, question)
    count, mark = source.count, None
    for page in source.pages:
        with page.body as body:
            kept = draft.keep(body, page.size, SUFFIXES[source.layout.format])
        count = page.count if count is None else count
        mark = newest(page.cursors, mark, lambda text: source.rank(text, question.zone), question.asked_at)
        LOG.info("%s %s: page %s, %s records, %d bytes", feed_id, draft.place.name, kept.name, kept.records, kept.bytes)
    return _receipt(feed_id, feed, question, draft.place.name, source, draft.pages, count, mark)


def _receipt(
    feed_id: str,
    feed: Feed,
    question: Question,
    delivery_id: str,
    source: Source,
    pages: list[KeptPage],
    count: int | None,
    mark: Mark | None,
) -> Receipt:
    sizes = [page.records for page in pages if page.records is not None]
    records = sum(sizes) if len(sizes) == len(pages) else None
    return Receipt(
        feed=feed_id,
        delivery_id=delivery_id,
        system=feed.system,
        fetched_at=question.asked_at,
        finished_at=now(),
        window=Span(start=question.window.start, end=question.window.end),
        cursor_from=question.cursor,
        cursor_to=mark.text if mark else None,
        # behind the cursor nothing is asked for again: what did not come would be lost
        moves_cursor=question.window.is_open and (count is None or records is None or records >= count),
        complete_snapshot=not source.is_narrowed and (count is None or count == records),
        pages=pages,
        records=records,
        source_count=count,
        http_calls=question.tally.http_calls,
        retries=question.tally.retries,
        bytes=sum(page.bytes for page in pages),
        sha256=hashlib.sha256("".join(page.sha256 for page in pages).encode()).hexdigest(),
        layout=source.layout,
    )
