"""ArcGIS FeatureServer and MapServer layers, page by page in the order of the object id.

Source of the format: developers.arcgis.com, "Query (Feature Service/Layer)". Errors come inside answers with status
200, dates are epoch milliseconds in UTC, and a layer cuts its answers at `maxRecordCount`, whatever is asked for.
Paging by the object id needs no paging support of the server, so that old MapServers are read like new ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from cities.systems import ArcgisFeed
from extractors.clocks import Writing
from extractors.crew import Crew
from extractors.documents import Record, cursors_in, fingerprint, read_json, records_in
from extractors.errors import FetchError
from extractors.paging import Page, by_key, by_range
from extractors.question import Question
from extractors.session import Answer, Session, show
from extractors.source import Layout, Source, open_session, token

Read = TypeVar("Read")
Told = TypeVar("Told")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
KINDS = {dict: "an object", list: "a list", str: "a text", int: "a whole number"}
UNTIL_MENDED = (401, 403, 404, 498, 499)
"""Error codes that asking again does not change: no access, no such layer, token invalid or missing."""


def ask(feed: ArcgisFeed, question: Question) -> Source:
    """Ask a layer for its features; the access token, when there is one, goes as a bearer token."""
    given = token(feed)
    headers = {"X-Esri-Authorization": f"Bearer {given}"} if given else {}
    session = open_session(feed, question, headers)
    session.url = session.url.rstrip("/")
    layer = session.get(session.url, {"f": "json"}, _document)
    key = _key_field(layer, session)
    size = min(feed.page_size or 10**9, _told(layer, "maxRecordCount", int, session) or 1000)
    where = _where(feed, question, _told(layer, "dateFieldsTimeReference", dict, session) or {})
    fixed = {"outFields": "*", "returnGeometry": "false", "orderByFields": f"{key} ASC", "f": "json"}
    if (_told(layer, "advancedQueryCapabilities", dict, session) or {}).get("supportsPagination"):
        fixed["resultRecordCount"] = str(size)

    def asked(params: dict[str, str], read: Callable[[Answer], Read]) -> Read:
        return session.get(f"{session.url}/query", {"where": where, "f": "json", **params}, read)

    def page(*conditions: str) -> Page:
        params = {**fixed, "where": " AND ".join([f"({where})" if conditions else where, *conditions])}
        return asked(params, lambda answer: _page(answer, key, feed.cursor))

    def after(last: tuple[str, ...]) -> Page:
        return page(f"{key} > {last[0]}") if last else page()

    def between(ids: tuple[int, ...]) -> Page:
        came = page(f"{key} >= {ids[0]}", f"{key} <= {ids[-1]}")
        missing = set(ids) - set(map(int, came.keys))
        if missing and missing & set(asked(_ids_between(where, key, ids), _ids) or ()):
            came.body.close()
            raise FetchError(
                f"{show(session.url)}: {len(missing)} of {len(ids)} features asked for did not come: the layer cuts "
                f"its pages; set page_size to {max(1, len(came.keys))} or less"
            )
        return came

    def recount() -> int | None:
        return asked({"returnCountOnly": "true"}, _count)

    count = recount()
    # with many pages to come, the list of ids is worth its call: its ranges can be asked for at once
    ids = asked({"returnIdsOnly": "true"}, _ids) if feed.parallel > 1 and (count or 0) > 2 * size else None
    crew = Crew(feed.parallel, session.stop)
    pages = by_range(between, _cut(ids, size), crew) if ids else by_key(after, size, count)
    layout = Layout(format="json", records="features[].attributes")
    return Source(layout, pages, count, question.narrows(feed.cursor), _instant, recount=recount)


def _cut(ids: list[int], size: int) -> Iterator[tuple[int, ...]]:
    for start in range(0, len(ids), size):
        yield tuple(ids[start : start + size])


def _ids_between(where: str, key: str, ids: tuple[int, ...]) -> dict[str, str]:
    return {"where": f"({where}) AND {key} >= {ids[0]} AND {key} <= {ids[-1]}", "returnIdsOnly": "true"}


def _where(feed: ArcgisFeed, question: Question, dates: Record) -> str:
    writing = Writing(start=_timestamp, end=_timestamp, cursor=_cursor_timestamp, earlier=_earlier)
    low, high = question.bounds(feed.cursor, writing)
    zone = dates.get("timeZone", "UTC")
    if (low or high) and zone not in ("UTC", "Etc/UTC"):
        raise FetchError(f"the layer compares dates in {zone!r}, not UTC; leave the feed's cursor out to take it whole")
    conditions = [feed.where] if feed.where == "1=1" else [f"({feed.where})"]
    conditions += [f"{feed.cursor} >= {low}"] if low is not None else []
    conditions += [f"{feed.cursor} < {high}"] if high is not None else []
    return " AND ".join(conditions)


def _timestamp(instant: datetime) -> str:
    return f"TIMESTAMP '{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S}'"


def _cursor_timestamp(milliseconds: str) -> str:
    instant = _instant(milliseconds)
    if instant is None:
        raise FetchError("the kept cursor of this layer is no epoch time in milliseconds; fetch it once without cursor")
    return _timestamp(instant)


def _earlier(milliseconds: str, span: timedelta) -> str:
    return str(int(milliseconds) - int(span / timedelta(milliseconds=1))) if milliseconds.isdigit() else milliseconds


def _instant(milliseconds: str, zone: ZoneInfo | None = None) -> datetime | None:
    """Read an epoch time; out of all range it is no instant, and no cursor either."""
    try:
        return EPOCH + timedelta(milliseconds=int(milliseconds))
    except (ValueError, OverflowError):
        return None


def _key_field(layer: Record, session: Session) -> str:
    fields = [field for field in _told(layer, "fields", list, session) or [] if isinstance(field, dict)]
    named = [field.get("name") for field in fields if field.get("type") == "esriFieldTypeOID"]
    found = _told(layer, "objectIdField", str, session) or next(iter(named), None)
    if not found:
        place = show(session.url)
        raise FetchError(f"{place}: the layer names no object id, so it cannot be paged; ask the department")
    return str(found)


def _told(layer: Record, name: str, kind: type[Told], session: Session) -> Told | None:
    """Return what a layer says of itself; raises FetchError where that is no such thing."""
    told = layer.get(name)
    if told is None or isinstance(told, kind) and not isinstance(told, bool):
        return told
    raise FetchError(f"{show(session.url)}: the layer's {name} is not {KINDS[kind]}; ask the department")


def _document(answer: Answer) -> Record:
    document = read_json(answer)
    if not isinstance(document, dict):
        raise FetchError(f"{answer.shown}: no ArcGIS answer came", temporary=True)
    error = document.get("error")
    if error is not None:
        code = error.get("code") if isinstance(error, dict) else None
        raise FetchError(
            f"{answer.shown}: the source reports error {code} inside an answer with status 200",
            temporary=code not in UNTIL_MENDED,
        )
    return document


def _count(answer: Answer) -> int | None:
    """Read `{"count": 12}`; servers before 10.1 ignore the wish and send features instead: then there is no count."""
    count = _document(answer).get("count")
    return count if isinstance(count, int) else None


def _ids(answer: Answer) -> list[int] | None:
    """Read `{"objectIds": [...]}`, in any order; None where the list is not whole, or features came instead."""
    document = _document(answer)
    ids = document.get("objectIds")
    if not isinstance(ids, list) or document.get("exceededTransferLimit"):
        return None
    return sorted(value for value in ids if isinstance(value, int))


def _page(answer: Answer, key: str, cursor: str | None) -> Page:
    document = _document(answer)
    features = records_in(document, "features", answer.shown)
    records: list[Record] = [feature.get("attributes") or {} for feature in features]
    if not all(isinstance(record, dict) for record in records):
        raise FetchError(f"{answer.shown}: a feature's attributes are no object; the source's layout has changed")
    keys: list[Any] = [record.get(key) for record in records]
    if any(not isinstance(value, int) for value in keys) or keys != sorted(set(keys)):
        raise FetchError(f"{answer.shown}: the features did not come in the order of {key}, so pages would lose some")
    return Page(
        answer.body,
        len(records),
        fingerprint(records),
        cursors_in(records, cursor),
        has_more=bool(document.get("exceededTransferLimit")),
        following=(str(keys[-1]),) if keys else None,
        keys=tuple(map(str, keys)),
    )
