"""The verb fetch: ask a source, keep every page as it came, hand over the folder."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

from cities import Feed, now
from cities.terms import FileFormat
from extractors.delivery import KeptPage, Receipt, Span, delivery_place
from extractors.draft import Draft
from extractors.errors import FetchError, in_text
from extractors.newest import Mark, newest
from extractors.paging import Page
from extractors.question import Question, Window
from extractors.session import show
from extractors.source import Source

LOG = logging.getLogger("civiclake.fetch")

SYSTEMS: dict[str, str] = {
    **{name: name for name in ("socrata", "open311", "arcgis", "ckan", "sensorthings", "ngsi_ld", "odata")},
    **{name: name for name in ("mqtt", "sql", "folder", "sftp")},
    **dict.fromkeys(get_args(FileFormat), "files"),
}
"""The module whose `ask` asks each kind of system: a new kind is one module and one name here."""


def fetch(
    feed_id: str,
    feed: Feed,
    delivery_id: str,
    *,
    cursor: str | None,
    validator: str | None = None,
    window: Window | None = None,
    time_zone: str,
    most_pages: int | None = None,
    is_taken_in: Callable[[Path], bool] = Path.exists,
) -> Path:
    """Fetch one delivery of a feed and return its folder; a delivery that is there already is not fetched again.

    `cursor` is the last value seen of the feed's cursor field; the source is asked from it on, its own record
    included. `validator` is what the last accepted delivery's receipt holds; a source that knows by it that nothing
    changed gives a delivery without pages. A `window` (back-fill) takes the cursor's place, which then stays where it
    is, as it does when fewer records come than the source counts. A feed whose system or city file has no cursor
    field is taken whole. `time_zone` reads clock times without an offset, unless the feed says its own. With
    `most_pages` a sample is taken, which moves no cursor and is no snapshot. What a source sends but once comes again
    while `is_taken_in` denies that of the place of the delivery that held it. Raises FetchError, and then nothing of
    the delivery is visible.
    """
    place = delivery_place(feed_id, delivery_id)
    if place.exists():
        LOG.info("%s %s: kept already", feed_id, delivery_id)
        return place
    try:
        with Draft(place) as draft:
            zone = ZoneInfo(feed.time_zone or time_zone)
            question = Question(
                cursor, window or Window(), zone, now(), draft.folder,
                validator=validator, overlap=feed.overlap, place=place, is_taken_in=is_taken_in,
            )  # fmt: skip
            source = _asker(feed.system)(feed, question)
            draft.publish(_collect(feed_id, feed, question, source, draft, most_pages))
        source.after()
        return place
    except OSError as error:
        at = in_text(str(error.filename or place))
        raise FetchError(
            f"{feed_id}: the delivery could not be kept ({error.strerror} at {at}); "
            "mend that or free space, then fetch again",
            temporary=True,
        ) from None
    except FetchError as error:
        told = _without_secret_address(str(error), feed)
        raise FetchError(f"{feed_id}: {told}", temporary=error.temporary, wait_seconds=error.wait_seconds) from None


def _asker(system: str) -> Callable[[Any, Question], Source]:
    """Import what asks a kind of system: the libraries of all of them together take half a second."""
    ask: Callable[[Any, Question], Source] = import_module(f"extractors.{SYSTEMS[system]}").ask
    return ask


def _without_secret_address(message: str, feed: Feed) -> str:
    """Name the variable instead of the address that it holds, whose path alone may open the door."""
    secret = os.environ.get(feed.url_env or "")
    return message.replace(show(secret).rstrip("/"), f"the address in {feed.url_env}") if secret else message


def _collect(
    feed_id: str, feed: Feed, question: Question, source: Source, draft: Draft, most_pages: int | None
) -> Receipt:
    """Keep all pages of a feed, or the first of them, and return the receipt for them."""
    count, mark = source.count, None
    for page in _taken(source.pages, most_pages):
        with page.body as body:
            kept = draft.keep(body, page.size, source.layout.suffix, page.file, page.encoding)
        count = page.count if count is None else count
        mark = newest(page.cursors, mark, lambda text: source.rank(text, question.zone), question.asked_at)
        LOG.info("%s %s: page %s, %s records, %d bytes", feed_id, draft.place.name, kept.name, kept.records, kept.bytes)
    records = _sum([page.records for page in draft.pages])
    if most_pages is not None:
        # the source's count is of all its records, not of a sample
        receipt = _receipt(feed_id, feed, question, draft.place.name, source, draft.pages, records, None, mark)
        return receipt.model_copy(update={"moves_cursor": False, "complete_snapshot": False})
    agreed = _agreed(records, count, source.recount)
    return _receipt(feed_id, feed, question, draft.place.name, source, draft.pages, records, agreed, mark)


def _taken(pages: Iterator[Page], most: int | None) -> Iterator[Page]:
    """Yield pages, and end the walk over them also when keeping one fails, or when they are enough."""
    with ExitStack() as stack:
        if isinstance(pages, Generator):
            stack.enter_context(closing(pages))
        yield from islice(pages, most)


def _sum(sizes: list[int | None]) -> int | None:
    """Return how many records the pages hold; None where one of them was not counted."""
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None


def _agreed(records: int | None, count: int | None, recount: Callable[[], int | None]) -> int | None:
    """Return the source's own number of records.

    One that changed while ranges of keys were read was any number between the first and the last: the one that came,
    then. Only a source whose pages cannot skip records can be counted again.
    """
    if records is None or count is None or records == count or (again := recount()) is None:
        return count
    return records if min(count, again) <= records <= max(count, again) else count


def _receipt(
    feed_id: str,
    feed: Feed,
    question: Question,
    delivery_id: str,
    source: Source,
    pages: list[KeptPage],
    records: int | None,
    count: int | None,
    mark: Mark | None,
) -> Receipt:
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
        complete_snapshot=not (source.is_narrowed or source.not_modified) and (count is None or count == records),
        pages=pages,
        records=records,
        source_count=count,
        http_calls=question.tally.http_calls,
        retries=question.tally.retries,
        bytes=sum(page.bytes for page in pages),
        sha256=hashlib.sha256("".join(page.sha256 for page in pages).encode()).hexdigest(),
        layout=source.layout,
        validator=source.validator(),
        not_modified=source.not_modified,
        may_lack=source.may_lack(),
        narrowed=source.is_narrowed,
    )
