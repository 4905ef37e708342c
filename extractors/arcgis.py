"""ArcGIS FeatureServer and MapServer layers, page by page in the order of the object id.

Source of the format: developers.arcgis.com, "Query (Feature Service/Layer)". Errors come inside answers with status
200, dates are epoch milliseconds in UTC, and a layer cuts its answers at `maxRecordCount`, whatever is asked for.
Paging by the object id needs no paging support of the server, so that old MapServers are read like new ones.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cities.model import ArcgisFeed
from extractors.clocks import Writing
from extractors.documents import Record, cursors_in, fingerprint, read_json, records_in
from extractors.errors import FetchError
from extractors.paging import Page, by_key
from extractors.question import Question
from extractors.session import Answer, Session
from extractors.source import Layout, Source, address, token

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNTIL_MENDED = {401, 403, 404, 498, 499}
"""Error codes that asking again does not change: no access, no such layer, token invalid or missing."""


def ask(feed: ArcgisFeed, question: Question) -> Source:
    """Ask a layer for its features; the access token, when there is one, goes as a bearer token."""
    given = token(feed)
    headers = {"X-Esri-Authorization": f"Bearer {given}"} if given else {}
    session = Session(address(feed).rstrip("/"), question.spool, question.tally, headers)
    layer = session.get(session.url, {"f": "json"}, _document)
    key = _key_field(layer, session)
    size = min(feed.page_size or 10**9, layer.get("maxRecordCount") or 1000)
    where = _where(feed, question, layer)
    fixed = {"outFields": "*", "returnGeometry": "false", "orderByFields": f"{key} ASC", "f": "json"}
    if layer.get("advancedQueryCapabilities", {}).get("supportsPagination"):
        fixed["resultRecordCount"] = str(size)

    def page(last: tuple[str, ...]) -> Page:
        after = f"({where}) AND {key} > {last[0]}" if last else where
        params = {**fixed, "where": after}
        return session.get(f"{session.url}/query", params, lambda answer: _page(answer, key, feed.cursor))

    count = session.get(f"{session.url}/query", {"where": where, "returnCountOnly": "true", "f": "json"}, _count)
    layout = Layout(format="json", records="features[].attributes")
    return Source(layout, by_key(page, size, count), count, question.narrows(feed.cursor), _instant)


def _where(feed: ArcgisFeed, question: Question, layer: Record) -> str:
    low, high = question.bounds(feed.cursor, Writing(start=_timestamp, end=_timestamp, cursor=_cursor_timestamp))
    zone = (layer.get("dateFieldsTimeReference") or {}).get("timeZone", "UTC")
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


def _instant(milliseconds: str, zone: ZoneInfo | None = None) -> datetime | None:
    """Read an epoch time; out of all range it is no instant, and no cursor either."""
    try:
        return EPOCH + timedelta(milliseconds=int(milliseconds))
    except (ValueError, OverflowError):
        return None


def _key_field(layer: Record, session: Session) -> str:
    named = [field["name"] for field in layer.get("fields") or [] if field.get("type") == "esriFieldTypeOID"]
    found = layer.get("objectIdField") or next(iter(named), None)
    if not found:
        raise FetchError(f"{session.url}: the layer names no object id, so it cannot be paged; ask the department")
    return str(found)


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


def _page(answer: Answer, key: str, cursor: str | None) -> Page:
    document = _document(answer)
    features = records_in(document, "features", answer.shown)
    records: list[Record] = [feature.get("attributes") or {} for feature in features]
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
    )
