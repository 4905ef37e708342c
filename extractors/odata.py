"""OData entity sets in the order of their key: version 4, and the version 3 that Web APIs such as Legistar's speak.

Source of the format: OASIS OData 4.01 Part 1, 11.2.6 and Part 2, 5.1.1; OData 3.0 URL Conventions, and
webapi.legistar.com/Home/Examples. Each page starts after the last key of the page before, so that `@odata.nextLink`
says only that there is more: whatever the server cuts its pages at, none is lost while the set changes. An empty page
has no key, and its link is followed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cities.systems import OdataFeed
from extractors.clocks import NUMBER, Writing, by_clock, in_utc
from extractors.documents import cursors_in, fingerprint, link_in, read_json, records_in
from extractors.errors import FetchError
from extractors.paging import Page, by_key, past_empty
from extractors.question import Question
from extractors.quoting import literal
from extractors.session import Answer
from extractors.source import Layout, Source, open_session, token

PREFIXES = {"DateTime": "datetime", "DateTimeOffset": "datetimeoffset", "Date": "datetime", "Guid": "guid"}
"""What version 3 writes before a literal in quotes."""


def ask(feed: OdataFeed, question: Question) -> Source:
    """Ask an entity set for its entities; where the access token goes, the city file says."""
    headers, fixed = _access(feed)
    session = open_session(feed, question, headers)
    conditions = _conditions(feed, question)
    asked = {**fixed, "$orderby": f"{feed.key} asc", "$top": str(feed.page_size), **_expansion(feed)}
    records = _records(feed)

    def read(last: tuple[str, ...]) -> Callable[[Answer], Page]:
        return lambda answer: _page(answer, feed, records, last, session.url)

    def page(last: tuple[str, ...]) -> Page:
        after = [f"{feed.key} gt {_literal(feed, feed.key_type, last[0])}"] if last else []
        first = session.get(session.url, {**asked, **_filter(conditions + after)}, read(last))
        return past_empty(first, lambda link: session.get(link, _lacking(link, fixed), read(last)))

    def recount() -> int | None:
        wish = {**fixed, "$top": "0", "$count": "true", **_filter(conditions)}
        return session.get(session.url, wish, _count) if feed.version == 4 else None

    count, layout = recount(), Layout(format="json", records=records)
    pages = by_key(page, feed.page_size, count)
    return Source(layout, pages, count, question.narrows(feed.cursor), recount=recount)


def _access(feed: OdataFeed) -> tuple[dict[str, str], dict[str, str]]:
    """Return the headers and the parameters that open the door."""
    given, headers = token(feed), {"Accept": "application/json"}
    if given is None:
        return headers, {}
    if feed.token_param:
        return headers, {feed.token_param: given}
    name, value = (feed.token_header, given) if feed.token_header else ("Authorization", f"Bearer {given}")
    return {**headers, name: value}, {}


def _records(feed: OdataFeed) -> str:
    return ("value" if feed.version == 4 else "") if feed.records is None else feed.records


def _expansion(feed: OdataFeed) -> dict[str, str]:
    return {"$expand": feed.expand} if feed.expand else {}


def _filter(conditions: list[str]) -> dict[str, str]:
    return {"$filter": " and ".join(conditions)} if conditions else {}


def _conditions(feed: OdataFeed, question: Question) -> list[str]:
    kind = feed.cursor_type or ("DateTimeOffset" if feed.version == 4 else "DateTime")
    low, high = question.bounds(feed.cursor, _writing(kind, question))
    conditions = [f"({feed.filter})"] if feed.filter else []
    conditions += [f"{feed.cursor} ge {_literal(feed, kind, low)}"] if low is not None else []
    return conditions + ([f"{feed.cursor} lt {_literal(feed, kind, high)}"] if high is not None else [])


def _writing(kind: str, question: Question) -> Writing:
    if kind == "DateTimeOffset":
        return in_utc("%Y-%m-%dT%H:%M:%SZ")
    if kind == "Date":
        return by_clock(question.zone, "%Y-%m-%d", step=timedelta(days=1))
    if kind == "Int" and not question.window.is_open:
        raise FetchError("a feed whose cursor is a number knows no window of time; fetch it without one")
    return by_clock(question.zone)


def _literal(feed: OdataFeed, kind: str, value: str) -> str:
    """Write a value as its type and the version want it."""
    if kind == "String":
        return literal(value)
    _refuse_strange(kind, value)
    return f"{PREFIXES[kind]}'{value}'" if feed.version == 3 and kind in PREFIXES else value


def _refuse_strange(kind: str, value: str) -> None:
    """Raise FetchError for a value that is not of its type: the city file names the wrong one."""
    is_right = NUMBER.fullmatch(value) if kind == "Int" else kind == "Guid" or _is_time(kind, value)
    if not is_right:
        raise FetchError(f"a value that came is no {kind}; correct key_type or cursor_type of the feed")


def _is_time(kind: str, value: str) -> bool:
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return False
    return kind != "DateTimeOffset" or read.tzinfo is not None


def _document(answer: Answer) -> Any:
    document = read_json(answer)
    if isinstance(document, dict) and "error" in document:
        raise FetchError(f"{answer.shown}: an error came inside an answer with status 200", temporary=True)
    return document


def _count(answer: Answer) -> int | None:
    document = _document(answer)
    count = document.get("@odata.count") if isinstance(document, dict) else None
    # services that write large numbers as text exist (IEEE754Compatible)
    return int(str(count)) if str(count).isdigit() else None


def _lacking(link: str, params: dict[str, str]) -> dict[str, str]:
    """Return the parameters that a link does not hold: not every server repeats the token."""
    held = parse_qs(urlsplit(link).query, keep_blank_values=True)
    return {name: value for name, value in params.items() if name not in held}


def _page(answer: Answer, feed: OdataFeed, records: str, last: tuple[str, ...], base: str) -> Page:
    document = _document(answer)
    entities = records_in(document, records, answer.shown)
    keys = [str(entity.get(feed.key)) for entity in entities]
    _refuse_disorder(answer, feed, [*last, *keys])
    link = link_in(document, "@odata.nextLink", base)
    return Page(
        answer.body,
        len(entities),
        fingerprint(entities),
        cursors_in(entities, feed.cursor),
        has_more=link is not None,
        following=(keys[-1],) if keys else link,
    )


def _refuse_disorder(answer: Answer, feed: OdataFeed, keys: list[str]) -> None:
    """Raise FetchError where the server did not order by the key, or did not start after the last one."""
    order: list[Any] = [Decimal(key) for key in keys if NUMBER.fullmatch(key)] if feed.key_type == "Int" else keys
    # texts and guids are ordered by the server's own rules: here only a repetition can be seen
    is_ordered = order == sorted(set(order)) if feed.key_type == "Int" else len(set(order)) == len(order)
    if len(order) < len(keys) or not is_ordered:
        raise FetchError(
            f"{answer.shown}: the entities did not come in the order of {feed.key}, each with its own; "
            "name the field that tells them apart under `key`, and its type under `key_type`"
        )
