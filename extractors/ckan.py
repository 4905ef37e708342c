"""CKAN DataStore: `datastore_search` with `limit` and `offset`, reconciled with the `total` of its pages.

Source of the format: docs.ckan.org, "DataStore extension", datastore_search. `_links.next` is there even past the
end, so the offset is counted here.
"""

from __future__ import annotations

import json

from cities.model import CkanFeed
from extractors.documents import fingerprint, read_json, records_in
from extractors.errors import FetchError
from extractors.paging import Page, by_offset
from extractors.question import Question
from extractors.session import Answer, Session
from extractors.source import Layout, Source, address, token


def ask(feed: CkanFeed, question: Question) -> Source:
    """Ask a resource for all its records, whatever the cursor or window: the DataStore's search knows no span."""
    given = token(feed)
    session = Session(address(feed), question.spool, question.tally, {"Authorization": given} if given else {})
    fixed = {"resource_id": feed.resource_id, "sort": feed.sort, "limit": str(feed.page_size)}
    if feed.filters:
        fixed["filters"] = json.dumps(feed.filters, ensure_ascii=False)

    def page(offset: int) -> Page:
        return session.get(session.url, {**fixed, "offset": str(offset)}, _page)

    return Source(Layout(format="json", records="result.records"), by_offset(page, feed.page_size))


def _page(answer: Answer) -> Page:
    document = read_json(answer)
    if not isinstance(document, dict) or document.get("success") is not True:
        raise FetchError(f"{answer.shown}: the source says that its search failed", temporary=True)
    records = records_in(document, "result.records", answer.shown)
    total = document["result"].get("total")
    return Page(answer.body, len(records), fingerprint(records), count=total if isinstance(total, int) else None)
