"""CKAN's action API, `datastore_search`: https://docs.ckan.org/en/latest/maintaining/datastore.html .
Every value but `_id` is text, and the link to the next page is there even past the end."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from sandbox.city import City
from sandbox.feed import Record
from sandbox.mishaps import DOWN
from sandbox.protocols.conditions import parse_order
from sandbox.protocols.message import Answer, Request, as_json, not_found

DEFAULT_LIMIT, MOST_LIMIT = 100, 1000
RETRY_AFTER_SECONDS = 3600
ACTIONS = "api/3/action/"


def _failed(kind: str, message: str, status: int) -> Answer:
    return as_json({"success": False, "error": {"__type": kind, "message": message}}, status)


class Datastore:
    """One resource of a CKAN datastore."""

    def __init__(self, feed: str, resource: str) -> None:
        self.feed, self.resource = feed, resource

    def answer(self, request: Request, city: City) -> Answer:
        """Answer `datastore_search`; SQL is switched off, and on its bad day the whole portal is closed."""
        if city.mishap(self.feed) == DOWN:
            body = b"<html><body><h1>503 Service Unavailable</h1></body></html>"
            return Answer(body, "text/html", 503, {"Retry-After": str(RETRY_AFTER_SECONDS)})
        if request.path == f"{ACTIONS}datastore_search_sql":
            return _failed("Authorization Error", "Access denied: datastore_search_sql is disabled", 403)
        if request.path != f"{ACTIONS}datastore_search":
            return not_found(request)
        if request.params.get("resource_id", request.params.get("id")) != self.resource:
            return _failed("Not Found Error", "Not found: Resource was not found.", 404)
        try:
            result = self._result(request, city.records(self.feed))
        except (ValueError, KeyError) as error:
            return _failed("Validation Error", f"invalid parameter: {error}", 409)
        help_page = f"{request.root}/{ACTIONS}help_show?name=datastore_search"
        return as_json({"help": help_page, "success": True, "result": result})

    def _result(self, request: Request, rows: list[Record]) -> Record:
        names = list(rows[0])
        rows = self._chosen(rows, request)
        limit, offset = request.number("limit", DEFAULT_LIMIT, MOST_LIMIT), request.number("offset", 0)
        return {
            "resource_id": self.resource,
            "include_total": True,
            "records_format": "objects",
            "fields": [{"id": name, "type": "int" if name == "_id" else "text"} for name in names],
            "records": rows[offset : offset + limit],
            "limit": limit,
            "offset": offset,
            "_links": self._links(request, limit, offset),
            "total": len(rows),
        }

    def _chosen(self, rows: list[Record], request: Request) -> list[Record]:
        filters = json.loads(request.params.get("filters") or "{}")
        for name, wanted in filters.items():
            allowed = wanted if isinstance(wanted, list) else [wanted]
            rows = [row for row in rows if row[name] in allowed]
        for name, falls in reversed(parse_order(request.params.get("sort") or "_id")):
            rows = sorted(rows, key=lambda row: row[name], reverse=falls)
        return rows

    def _links(self, request: Request, limit: int, offset: int) -> dict[str, str]:
        def link(start: int) -> str:
            return f"/{ACTIONS}datastore_search?{urlencode({**request.params, 'offset': start})}"

        back = {"prev": link(max(0, offset - limit))} if offset else {}
        return {"start": link(0), **back, "next": link(offset + limit)}
