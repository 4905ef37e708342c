"""OGC SensorThings 1.1 (https://docs.ogc.org/is/18-088/18-088.html).

Pages are linked by `@iot.nextLink`; linked entities come only where `$expand` asks for them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

from sandbox.city import City
from sandbox.feed import Record
from sandbox.protocols.conditions import Condition, parse_conditions, parse_order
from sandbox.protocols.message import Answer, Request, as_json

DEFAULT_TOP, MOST_TOP = 100, 1000
VERSION = "v1.1"
_TIME_FIELDS = {"phenomenonTime", "resultTime"}
_SELECT = re.compile(r"\$select=([^;)]*)")


def _refused(message: str, status: int) -> Answer:
    return as_json({"code": status, "type": "error", "message": message}, status)


def _typed(field: str, value: Any) -> Any:
    """A field's value or a literal in a form that can be compared."""
    if field in _TIME_FIELDS:
        return datetime.fromisoformat(str(value).strip("'"))
    return float(value) if field in ("result", "@iot.id", "id") else str(value)


def _holds(row: Record, condition: Condition, literal: Any) -> bool:
    try:
        return condition.compare(_typed(condition.field, _value(row, condition.field)), literal)
    except ValueError:
        return False


def _value(row: Record, path: str) -> Any:
    """The value at `name` or `properties/name`; ValueError where there is none."""
    found: Any = row
    for name in ("@iot.id" if path == "id" else path).split("/"):
        if not isinstance(found, Mapping) or name not in found:
            raise ValueError(f"no such property: {path}")
        found = found[name]
    return found


def _expanded(row: Record, linked: str, expand: str) -> Record:
    """The row with its linked entity cut down to what `$expand` asks for, or without it."""
    if not expand.startswith(linked):
        return {name: value for name, value in row.items() if name != linked}
    nested = expand[len(linked) :]
    select = _SELECT.match(nested[1:]) if nested.startswith("(") else None
    if not isinstance(row[linked], dict):
        return row
    names = set(select.group(1).split(",")) if select else set(row[linked]) - {"Thing"}
    if "$expand=Thing" in nested:
        names.add("Thing")
    return {**row, linked: {name: value for name, value in row[linked].items() if name in names}}


@lru_cache(maxsize=8)
def _chosen(city: City, feed: str, condition_text: str, order: str) -> list[Record]:
    """The rows of a query in their order, kept from page to page: following 25 links must not filter 25 times."""
    rows = city.records(feed)
    for condition in parse_conditions(condition_text):
        literal = _typed(condition.field, condition.value)
        rows = [row for row in rows if _holds(row, condition, literal)]
    for field, falls in reversed(parse_order(order)):
        rows = sorted(rows, key=lambda row: _value(row, field), reverse=falls)
    return rows


class SensorService:
    """A SensorThings service; `entities` maps an entity set to its feed and its linked entity."""

    def __init__(self, entities: Mapping[str, tuple[str, str]]) -> None:
        self.entities = entities

    def answer(self, request: Request, city: City) -> Answer:
        """Answer the list of entity sets and each set's pages."""
        if request.path.strip("/") == VERSION:
            sets = [{"name": name, "url": f"{request.root}/{VERSION}/{name}"} for name in self.entities]
            return as_json({"value": sets})
        version, _, name = request.path.partition("/")
        if version != VERSION or name not in self.entities:
            return _refused("Nothing found.", 404)
        feed, linked = self.entities[name]
        try:
            return as_json(self._page(request, city, feed, linked))
        except ValueError as error:
            return _refused(f"Failed to parse query: {error}", 400)

    def _page(self, request: Request, city: City, feed: str, linked: str) -> Record:
        params = request.params
        rows = _chosen(city, feed, params.get("$filter", ""), params.get("$orderby", "@iot.id"))
        top, skip = request.number("$top", DEFAULT_TOP, MOST_TOP), request.number("$skip", 0)
        expand = params.get("$expand", "")
        answer: Record = {"@iot.count": len(rows)} if params.get("$count") == "true" else {}
        if len(rows) > skip + top:
            following = urlencode({**params, "$skip": skip + top}, safe="$@(),=;:", quote_via=quote)
            answer["@iot.nextLink"] = f"{request.root}/{request.path}?{following}"
        return answer | {"value": [_expanded(row, linked, expand) for row in rows[skip : skip + top]]}
