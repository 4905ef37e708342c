"""OGC SensorThings 1.1: the first page by `$top`, `$orderby`, `$filter`, `$expand`, the others by `@iot.nextLink`.

Source of the format: OGC 18-088, sections 9.3 and 9.4. `$count=true` makes the pages carry `@iot.count`.
"""

from __future__ import annotations

from cities.systems import SensorthingsFeed
from extractors.clocks import in_utc
from extractors.documents import cursors_in, fingerprint, link_in, read_json, records_in
from extractors.paging import Page, by_link
from extractors.question import Question
from extractors.roll import settled
from extractors.session import Answer
from extractors.source import Layout, Source, open_session, token

WRITING = in_utc("%Y-%m-%dT%H:%M:%S.%fZ")


def ask(feed: SensorthingsFeed, question: Question) -> Source:
    """Ask for an entity set; the access token, when there is one, goes as a bearer token."""
    given = token(feed)
    headers = {"Authorization": f"Bearer {given}"} if given else {}
    session = open_session(feed, question, headers)
    first = _first_params(feed, question)

    def page(link: str) -> Page:
        params = first if link == session.url else {}
        return session.get(link, params, lambda answer: _page(answer, feed.cursor, session.url))

    pages = settled(lambda: by_link(page, session.url), "end" if feed.cursor else None)
    return Source(Layout(format="json", records="value"), pages, is_narrowed=question.narrows(feed.cursor))


def _first_params(feed: SensorthingsFeed, question: Question) -> dict[str, str]:
    order = f"{feed.cursor},@iot.id" if feed.cursor else "@iot.id"
    params = {"$top": str(feed.page_size), "$count": "true", "$orderby": order}
    low, high = question.bounds(feed.cursor, WRITING)
    conditions = [f"{feed.cursor} ge {low}"] if low is not None else []
    conditions += [f"{feed.cursor} lt {high}"] if high is not None else []
    if conditions:
        params["$filter"] = " and ".join(conditions)
    if feed.expand:
        params["$expand"] = feed.expand
    return params


def _page(answer: Answer, cursor: str | None, base: str) -> Page:
    document = read_json(answer)
    records = records_in(document, "value", answer.shown)
    count = document.get("@iot.count")
    # a phenomenon time may be an interval, start/end; the service compares its start
    starts = tuple(value.partition("/")[0] for value in cursors_in(records, cursor))
    return Page(
        answer.body,
        len(records),
        fingerprint(records),
        starts,
        count=count if isinstance(count, int) else None,
        following=link_in(document, "@iot.nextLink", base),
        keys=cursors_in(records, "@iot.id"),
    )
