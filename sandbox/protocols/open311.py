"""Open311 GeoReport v2 (https://wiki.open311.org/GeoReport_v2/), the newest request first.

`page`, `page_size`, `updated_after` and `updated_before` are extensions that many cities share; `ratings`, what
residents answered when they were asked how it went, is this city's own.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as xml

from sandbox.city import City
from sandbox.departments.hotline_services import Service
from sandbox.feed import Record
from sandbox.protocols.message import Answer, Request, as_json, not_found

DEFAULT_PAGE, MOST_PAGE = 50, 200
DEFAULT_JURISDICTION = "riverbend"


class Refusal(Exception):
    """What the caller asked cannot be answered; carries the HTTP status."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status = status


def _element(name: str, value: Any, item: str = "item") -> xml.Element:
    node = xml.Element(name)
    if isinstance(value, Mapping):
        node.extend(_element(key, part) for key, part in value.items())
    elif isinstance(value, list):
        node.extend(_element(item, part) for part in value)
    elif value is not None:
        node.text = str(value)
    return node


def _written(extension: str, root: str, item: str, rows: list[Any], status: int = 200) -> Answer:
    if extension == "json":
        return as_json(rows, status)
    body: bytes = xml.tostring(_element(root, rows, item), encoding="utf-8", xml_declaration=True)
    return Answer(body, "text/xml; charset=utf-8", status)


def _described(service: Service) -> Record:
    return {
        "service_code": service.code,
        "service_name": service.name,
        "description": service.text,
        "metadata": False,
        "type": "realtime",
        "keywords": service.agency.lower(),
        "group": service.agency,
    }


Test = Callable[[Record], bool]


TIME_LIMITS = {
    "start_date": ("requested_datetime", operator.ge),
    "end_date": ("requested_datetime", operator.le),
    "updated_after": ("updated_datetime", operator.ge),
    "updated_before": ("updated_datetime", operator.le),
}
LISTS = ("status", "service_code", "service_request_id")


def _time_test(name: str, text: str) -> Test:
    field, compare = TIME_LIMITS[name]
    try:
        limit = datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(400, f"{name} is no ISO 8601 date and time") from None
    if limit.tzinfo is None:
        raise Refusal(400, f"{name} has no offset")

    def test(row: Record) -> bool:
        try:
            return bool(compare(datetime.fromisoformat(row[field]), limit))
        except (TypeError, ValueError):
            return False

    return test


def _list_test(field: str, text: str) -> Test:
    wanted = set(text.split(","))
    return lambda row: row[field] in wanted


def _tests(params: Mapping[str, str]) -> Iterator[Test]:
    yield from (_time_test(name, text) for name, text in params.items() if name in TIME_LIMITS)
    yield from (_list_test(name, text) for name, text in params.items() if name in LISTS and text)


class GeoReport:
    """A GeoReport v2 end point with one feed for each jurisdiction."""

    def __init__(self, feeds: Mapping[str, str], services: Mapping[str, tuple[Service, ...]], ratings: str) -> None:
        self.feeds, self.services, self.ratings = feeds, services, ratings

    def answer(self, request: Request, city: City) -> Answer:
        """Answer `services`, `requests`, `requests/<id>` and `ratings` as JSON or XML; errors too."""
        path, _, extension = request.path.rpartition(".")
        if extension not in ("json", "xml"):
            return not_found(request)
        try:
            return self._answered(path, extension, request, city)
        except (Refusal, ValueError) as error:
            status = error.status if isinstance(error, Refusal) else 400
            return _written(extension, "errors", "error", [{"code": status, "description": str(error)}], status)

    def _answered(self, path: str, extension: str, request: Request, city: City) -> Answer:
        jurisdiction = request.params.get("jurisdiction_id", DEFAULT_JURISDICTION)
        if jurisdiction not in self.feeds:
            raise Refusal(404, f"jurisdiction_id {jurisdiction} was not found")
        if path == "services":
            rows = [_described(service) for service in self.services[jurisdiction]]
            return _written(extension, "services", "service", rows)
        if path == "ratings":
            rated = city.records(self.ratings)
            return _written(extension, "service_ratings", "rating", self._page(rated, request))
        records = city.records(self.feeds[jurisdiction])
        if path == "requests":
            return _written(extension, "service_requests", "request", self._page(records, request))
        found = [row for row in records if path == f"requests/{row['service_request_id']}"]
        if not found:
            raise Refusal(404, "service_request_id was not found")
        return _written(extension, "service_requests", "request", found)

    def _page(self, records: list[Record], request: Request) -> list[Record]:
        tests = list(_tests(request.params))
        rows = [row for row in reversed(records) if all(test(row) for test in tests)]
        size = request.number("page_size", DEFAULT_PAGE, MOST_PAGE)
        start = (max(1, request.number("page", 1)) - 1) * size
        return rows[start : start + size]
