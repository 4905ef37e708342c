"""NGSI-LD entities of one type, by `limit` and `offset`, reconciled with the broker's own count.

Source of the format: ETSI GS CIM 009, clauses 4.9 (query language), 6.3.10 (pagination), 6.3.11 (sysAttrs), 6.3.13
(count) and 6.3.14 (tenant). The standard promises no order of the entities: a falling count, or one that
only a second walk meets, tells that they moved while they were read. What an entity was before its last change is not
asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from cities.systems import NgsiLdFeed
from extractors.clocks import Writing
from extractors.crew import Crew
from extractors.documents import Record, fingerprint, read_json, records_in
from extractors.errors import FetchError
from extractors.paging import Page, by_offset, changed
from extractors.question import Question
from extractors.roll import settled
from extractors.session import Answer, Session
from extractors.source import Layout, Source, open_session, token

CONTEXT = '<{}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'


def ask(feed: NgsiLdFeed, question: Question) -> Source:
    """Ask a broker for its entities; the access token, when there is one, goes as a bearer token."""
    session = open_session(feed, question, _headers(feed))
    fixed, count = _counted(feed, question, session)

    def page(offset: int) -> Page:
        params = {**fixed, "limit": str(feed.page_size), "offset": str(offset)}
        return session.get(session.url, params, lambda answer: _page(answer, feed.cursor, count))

    def walk() -> Iterator[Page]:
        return by_offset(page, feed.page_size, count, Crew(feed.parallel, session.stop))

    return Source(Layout(format="json"), settled(walk, None), count, fixed.get("q") != feed.q)


def _headers(feed: NgsiLdFeed) -> dict[str, str]:
    given = token(feed)
    return {
        "Accept": "application/json",
        **({"Link": CONTEXT.format(feed.context)} if feed.context else {}),
        **({"NGSILD-Tenant": feed.tenant} if feed.tenant else {}),
        **({"Authorization": f"Bearer {given}"} if given else {}),
    }


def _counted(feed: NgsiLdFeed, question: Question, session: Session) -> tuple[dict[str, str], int | None]:
    """Return what every page is asked by, and how many entities there are.

    From a cursor on there is at least the entity that carried it. Where there is none, it was deleted, or the broker
    takes `modifiedAt` for an attribute that nothing has, as Orion-LD did before 1.5: then all entities are asked for.
    """
    narrowed, whole = _params(feed, _condition(feed, question)), _params(feed, feed.q)
    count = session.get(session.url, {**narrowed, "limit": "1"}, _count)
    if count == 0 and question.cursor is not None and question.window.is_open and narrowed != whole:
        return whole, session.get(session.url, {**whole, "limit": "1"}, _count)
    return narrowed, count


def _params(feed: NgsiLdFeed, condition: str | None) -> dict[str, str]:
    options = (["keyValues"] if feed.form == "simplified" else []) + (["sysAttrs"] if feed.cursor else [])
    return {
        "type": feed.type,
        "count": "true",
        **({"options": ",".join(options)} if options else {}),
        **({"attrs": ",".join(feed.attrs)} if feed.attrs else {}),
        **({"q": condition} if condition else {}),
    }


def _condition(feed: NgsiLdFeed, question: Question) -> str | None:
    low, high = question.bounds(feed.cursor, Writing(start=_written, end=_written, cursor=_cursor_written))
    conditions = [f"({feed.q})"] if feed.q and (low or high) else [feed.q] if feed.q else []
    conditions += [f"{feed.cursor}>={low}"] if low else []
    conditions += [f"{feed.cursor}<{high}"] if high else []
    return ";".join(conditions) or None


def _written(instant: datetime) -> str:
    """Write an instant as clause 4.6.3 has it: in UTC, with milliseconds or better."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _cursor_written(cursor: str) -> str:
    try:
        return _written(datetime.fromisoformat(cursor))
    except (ValueError, OverflowError):
        raise FetchError("the kept cursor of this feed is no instant; name another cursor, or fetch it whole") from None


def _count(answer: Answer) -> int | None:
    """Read the header that `count=true` asks for; a broker that does not know it is read without a count."""
    # a page of the broker's or a proxy's own is no answer
    records_in(read_json(answer), "", answer.shown)
    told = next((value for name, value in answer.headers.items() if name.lower() == "ngsild-results-count"), "")
    return int(told) if told.isdigit() else None


def _page(answer: Answer, cursor: str | None, first_count: int | None) -> Page:
    entities = records_in(read_json(answer), "", answer.shown)
    count = _count(answer)
    if count is not None and first_count is not None and count < first_count:
        # those after a deleted entity moved up, one of them past the end of the page before
        raise changed(f"its entities went from {first_count} to {count}")
    cursors = tuple(value for entity in entities for value in _instants(entity, cursor or ""))
    ids = tuple(str(entity.get("id") or entity.get("@id")) for entity in entities)
    return Page(answer.body, len(entities), fingerprint(entities), cursors, count, keys=ids)


def _instants(entity: Record, path: str) -> Iterator[str]:
    """Yield the instants at a path, an attribute's value or its observedAt; it may have several instances."""
    attribute, _, inside = path.partition(".")
    found = entity.get(attribute)
    for instance in found if isinstance(found, list) else [found]:
        value = _value(instance, inside)
        if isinstance(value, str):
            yield value


def _value(instance: Any, inside: str) -> Any:
    """Return the value of an attribute in any form: plain, `{value}`, `{value: {@value}}`; or what lies inside it."""
    if not isinstance(instance, dict):
        return instance
    value = instance.get(inside or "value")
    return value.get("@value") if isinstance(value, dict) else value
