"""A data set of a Socrata portal on the little server, whose records change between the calls if a test wants it."""

from __future__ import annotations

import operator
import re
import threading
from collections.abc import Callable

from tests.extractors.little_server import Call, LittleServer, Reply

CONDITION = re.compile(r"\(?(:?\w+) (>=|<=|=|<|>) '((?:[^']|'')*)'\)?")
COMPARE = {">=": operator.ge, "<=": operator.le, "=": operator.eq, "<": operator.lt, ">": operator.gt}


class LittlePortal:
    """Orders, filters, counts and lists keys as SODA 2.1 does, all values being text.

    `counted` is what it says it has, when that is wrong; `cut` the most records that it gives at once; `meanwhile`
    is called after each answer. `ignores` names options that it does not understand.
    """

    def __init__(
        self,
        server: LittleServer,
        rows: list[dict[str, str]],
        counted: int | None = None,
        cut: int = 50_000,
        meanwhile: Callable[[list[dict[str, str]]], None] = lambda rows: None,
        ignores: tuple[str, ...] = (),
    ) -> None:
        self.rows, self.counted, self.cut, self.meanwhile, self.ignores = rows, counted, cut, meanwhile, ignores
        self.url = f"{server.url}/resource/inc.json"
        self._lock = threading.Lock()
        server.answer = self.answer

    def answer(self, call: Call) -> Reply:
        """Answer a query, one at a time."""
        params = {name: value for name, value in call.params.items() if name not in self.ignores}
        with self._lock:
            found = self._answer(params)
            self.meanwhile(self.rows)
        return Reply(found)

    def _answer(self, params: dict[str, str]) -> list[dict[str, str]]:
        if self.counted is not None and params.get("$select") == "count(*)":
            return [{"count": str(self.counted)}]
        return queried(self.rows, params)[: self.cut]


def queried(rows: list[dict[str, str]], params: dict[str, str]) -> list[dict[str, str]]:
    """Return what a portal answers to a query of SODA 2.1."""
    found = [row for row in rows if _holds(row, params.get("$where", ""))]
    select = params.get("$select", "*")
    if select == "count(*)":
        return [{"count": str(len(found))}]
    order = params.get("$order", ":id")
    found = sorted(found, key=lambda row: row.get(order, ""))[: int(params["$limit"])]
    wanted = select.split(", ")
    return [{name: row[name] for name in row if name in wanted or _is_of_star(name, wanted)} for row in found]


def numbered(number: int) -> list[dict[str, str]]:
    """Return so many records of a portal, in the order of their identifiers."""
    return [
        {":id": f"row-{row:04}", "id": str(row), "beat": "B1", "updated_on": f"2026-10-25T13:00:{row % 60:02}.000"}
        for row in range(number)
    ]


def _is_of_star(name: str, wanted: list[str]) -> bool:
    return "*" in wanted and not name.startswith(":")


def _holds(row: dict[str, str], where: str) -> bool:
    for condition in filter(None, where.split(" AND ")):
        found = CONDITION.fullmatch(condition)
        assert found, condition
        field, sign, value = found.groups()
        if field not in row or not COMPARE[sign](row[field], value.replace("''", "'")):
            return False
    return True
