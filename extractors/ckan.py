"""CKAN DataStore: `datastore_search` with `limit` and `offset`, reconciled with the `total` of its pages.

Source of the format: docs.ckan.org, "DataStore extension", datastore_search. `_links.next` is there even past the
end, so the offset is counted here.

An offset skips a record when one before it is removed meanwhile. So the total must stay the same on all pages, no
record may come twice, and at the end the store lists its `_id`: one older than the newest that came must have come.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterator

from cities.systems import CkanFeed
from extractors.crew import Crew
from extractors.documents import fingerprint, read_json, records_in
from extractors.errors import FetchError
from extractors.paging import Page, by_offset, changed
from extractors.question import Question
from extractors.session import Answer
from extractors.source import Layout, Source, open_session, token

MOST_ROWS = 32_000
"""The default of `ckan.datastore.search.rows_max`; a store with a lower one cuts the page, which is no harm."""


def ask(feed: CkanFeed, question: Question) -> Source:
    """Ask a resource for all its records, whatever the cursor or window: the DataStore's search knows no span."""
    given = token(feed)
    session = open_session(feed, question, {"Authorization": given} if given else {})
    fixed = {"resource_id": feed.resource_id}
    if feed.filters:
        fixed["filters"] = json.dumps(feed.filters, ensure_ascii=False)

    def walk(size: int, **more: str) -> Iterator[Page]:
        def page(offset: int) -> Page:
            params = {**fixed, **more, "limit": str(size), "offset": str(offset)}
            return session.get(session.url, params, _page)

        return by_offset(page, size, crew=Crew(feed.parallel, session.stop))

    pages = _standing_still(walk(feed.page_size, sort=feed.sort), lambda: walk(MOST_ROWS, sort="_id", fields="_id"))
    return Source(Layout(format="json", records="result.records"), pages)


def _standing_still(pages: Iterator[Page], listed: Callable[[], Iterator[Page]]) -> Iterator[Page]:
    """Yield the pages, and raise FetchError (temporary) when the resource changed so that records may be missing."""
    came = array("q")
    number = records = 0
    total: int | None = None
    for number, page in enumerate(pages, start=1):
        if number > 1 and page.count != total:
            raise changed(f"its total went from {total} to {page.count}")
        total = page.count
        came.extend(map(int, page.keys))
        records += page.size or 0
        yield page
    # one page is one moment, and without an _id in every record nothing can be compared
    if number > 1 and len(came) == records:
        _compare(set(came), len(came), listed())


def _compare(came: set[int], records: int, listed: Iterator[Page]) -> None:
    if len(came) < records:
        raise changed("a record came twice")
    newest = max(came)
    for page in listed:
        with page.body:
            missing = sum(key < newest and key not in came for key in map(int, page.keys))
        if missing:
            raise changed(f"{missing} of its records were on none of the pages")


def _page(answer: Answer) -> Page:
    document = read_json(answer)
    if not isinstance(document, dict) or document.get("success") is not True:
        raise FetchError(f"{answer.shown}: the source says that its search failed", temporary=True)
    records = records_in(document, "result.records", answer.shown)
    total = document["result"].get("total")
    keys = tuple(str(key) for record in records if type(key := record.get("_id")) is int)
    count = total if isinstance(total, int) else None
    return Page(answer.body, len(records), fingerprint(records), count=count, keys=keys)
