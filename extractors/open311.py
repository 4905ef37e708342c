"""Open311 GeoReport v2 requests, in JSON or XML, page by page until an empty one.

Source of the format: wiki.open311.org, "GeoReport v2", GET Service Requests. The standard knows only `start_date` and
`end_date` (when a request was made); `page`, `page_size`, `updated_after` and `updated_before` are the extensions
that its servers share. There is no count, and no promise whether a bound is part of the span.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta

from cities.systems import Open311Feed
from extractors.clocks import in_utc
from extractors.documents import cursors_in, fingerprint, read_json, read_xml, records_in
from extractors.errors import FetchError
from extractors.paging import Page, by_number
from extractors.question import Question
from extractors.roll import settled
from extractors.session import Answer
from extractors.source import Layout, Source, open_session, token

KEY = "service_request_id"
MOST_REQUESTS = 1000
"""How many requests the standard lets a server stop at."""

BOUNDS = {
    "updated_datetime": ("updated_after", "updated_before"),
    "requested_datetime": ("start_date", "end_date"),
}
WRITING = in_utc("%Y-%m-%dT%H:%M:%SZ", overlap=timedelta(seconds=1))


def ask(feed: Open311Feed, question: Question) -> Source:
    """Ask an end point for its requests; the access token, when there is one, goes as `api_key`."""
    session = open_session(feed, question)
    given = token(feed)
    fixed = {**feed.params, **({"api_key": given} if given else {}), **_span(feed, question)}
    read = _json_page if feed.format == "json" else _xml_page

    def page(number: int) -> Page:
        paged = {"page": str(number), "page_size": str(feed.page_size)} if feed.page_size else {}
        return session.get(session.url, {**fixed, **paged}, lambda answer: read(answer, feed.cursor))

    layout = Layout(format=feed.format, records="" if feed.format == "json" else "request")
    pages = settled(lambda: by_number(page), "start" if feed.cursor else None) if feed.page_size else _only(page(1))
    return Source(layout, pages, is_narrowed=question.narrows(feed.cursor))


def _only(page: Page) -> Iterator[Page]:
    """Give the answer of an end point without pages, unless it stopped at the number where the standard lets it."""
    if (page.size or 0) >= MOST_REQUESTS:
        page.body.close()
        raise FetchError(
            f"{page.size} requests came in one answer, at which an end point without pages may stop; name a cursor and "
            "fetch window by window, or ask the department for pages"
        )
    yield page


def _span(feed: Open311Feed, question: Question) -> dict[str, str]:
    if feed.cursor is not None and feed.cursor not in BOUNDS:
        raise FetchError(f"Open311 cannot be asked by {feed.cursor!r}; use one of {', '.join(BOUNDS)} as cursor")
    low, high = question.bounds(feed.cursor, WRITING)
    names = BOUNDS.get(feed.cursor or "", ("", ""))
    return {name: value for name, value in zip(names, (low, high), strict=True) if value is not None}


def _json_page(answer: Answer, cursor: str | None) -> Page:
    records = records_in(read_json(answer), "", answer.shown)
    keys = cursors_in(records, KEY)
    return Page(answer.body, len(records), fingerprint(records), cursors_in(records, cursor), keys=keys)


def _xml_page(answer: Answer, cursor: str | None) -> Page:
    root = read_xml(answer)
    if root.tag != "service_requests":
        raise FetchError(f"{answer.shown}: <{root.tag}> came instead of <service_requests>", temporary=True)
    requests = root.findall("request")
    values = (request.findtext(cursor) for request in requests) if cursor else ()
    content = hashlib.sha256(answer.body.read()).hexdigest()
    answer.body.seek(0)
    keys = tuple(key for request in requests if (key := request.findtext(KEY)))
    return Page(answer.body, len(requests), content, tuple(value for value in values if value), keys=keys)
