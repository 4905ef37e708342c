"""Socrata SODA 2.1 (https://dev.socrata.com/docs/queries/).

Rows leave null fields out, numbers are text, and `$limit` is 1000 when it is not given.
"""

from __future__ import annotations

import re
import time
from collections import deque
from datetime import datetime
from threading import Lock
from typing import Any

from sandbox.city import City
from sandbox.feed import Record
from sandbox.mishaps import COUNT_OFF, COUNTED_TOO_MANY
from sandbox.protocols.conditions import Condition, parse_conditions, parse_order
from sandbox.protocols.message import Answer, Request, as_json, not_found

DEFAULT_LIMIT, MOST_LIMIT = 1000, 50_000
CALLS_A_SECOND = 20
_COUNT = re.compile(r"count\(\s*(?:\*|1)\s*\)(?:\s+as\s+(\w+))?", re.IGNORECASE)


class Throttle:
    """Lets so many calls pass in a second; more are told to come back later."""

    def __init__(self, calls: int) -> None:
        self.calls = calls
        self._times: deque[float] = deque()
        self._lock = Lock()

    def is_open(self) -> bool:
        """Whether one more call may pass now."""
        with self._lock:
            now = time.monotonic()
            while self._times and now - self._times[0] > 1:
                self._times.popleft()
            self._times.append(now)
            return len(self._times) <= self.calls


def _numbered(rows: list[Record]) -> list[Record]:
    """The rows with the identifier that a portal gives them; it comes only when it is asked for by name."""
    return [{":id": f"row-{number:07}", **row} for number, row in enumerate(rows)]


class SodaView:
    """One data set of a Socrata portal: `<id>.json`."""

    def __init__(self, feed: str, view: str, columns: tuple[str, ...], dates: tuple[str, ...]) -> None:
        self.feed, self.view, self.columns, self.dates = feed, view, columns, dates
        self._throttle = Throttle(CALLS_A_SECOND)

    def answer(self, request: Request, city: City) -> Answer:
        """Answer one query; 429 to callers in a hurry without an application token, 400 to one that cannot be read."""
        if request.path != f"{self.view}.json":
            return not_found(request)
        has_token = "x-app-token" in request.headers or "$$app_token" in request.params
        if not has_token and not self._throttle.is_open():
            return as_json({"error": True, "message": "Too many requests"}, 429, {"Retry-After": "1"})
        try:
            return as_json(self._queried(request, city), headers={"X-SODA2-Fields": ",".join(self.columns)})
        except ValueError as error:
            return as_json({"code": "query.compiler.malformed", "error": True, "message": str(error)}, 400)

    def _queried(self, request: Request, city: City) -> list[Record]:
        rows = self._filtered(_numbered(city.records(self.feed)), request.params.get("$where", ""))
        select = request.params.get("$select", "*")
        if count := _COUNT.fullmatch(select.strip()):
            extra = COUNTED_TOO_MANY if city.mishap(self.feed) == COUNT_OFF else 0
            return [{count.group(1) or "count": str(len(rows) + extra)}]
        for field, falls in reversed(parse_order(request.params.get("$order", ":id"))):
            self._check(field)
            rows = sorted(rows, key=lambda row: row.get(field, ""), reverse=falls)
        offset = request.number("$offset", 0)
        page = rows[offset : offset + request.number("$limit", DEFAULT_LIMIT, MOST_LIMIT)]
        return [self._selected(row, select) for row in page]

    def _selected(self, row: Record, select: str) -> Record:
        wanted = [name.strip() for name in select.replace("*", ",".join(self.columns)).split(",")]
        return {name: row[name] for name in wanted if self._check(name) in row}

    def _check(self, field: str) -> str:
        if field not in (*self.columns, ":id"):
            raise ValueError(f"No such column: {field}")
        return field

    def _filtered(self, rows: list[Record], where: str) -> list[Record]:
        for condition in parse_conditions(where):
            self._check(condition.field)
            literal = self._typed(condition.field, condition.value)
            rows = [row for row in rows if self._holds(row, condition, literal)]
        return rows

    def _holds(self, row: Record, condition: Condition, literal: Any) -> bool:
        value = row.get(condition.field)
        try:
            return value is not None and condition.compare(self._typed(condition.field, str(value)), literal)
        except ValueError:
            return False

    def _typed(self, field: str, text: str) -> Any:
        return datetime.fromisoformat(text).replace(tzinfo=None) if field in self.dates else text
