"""Sources whose records are added, removed and changed between the pages of one fetch."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable
from threading import Lock
from typing import Any

import pytest

from extractors import Delivery, FetchError
from tests.extractors.little_portal import LittlePortal, numbered
from tests.extractors.little_server import Call, LittleServer, Reply

Fetched = Callable[..., Delivery]
Change = Callable[[list[dict[str, Any]]], None]
SEEDS = range(8)


class Unrest:
    """Changes one record after each answer, and remembers which ones were there throughout."""

    def __init__(self, seed: int, key: str, new: Callable[[int], dict[str, Any]]) -> None:
        self.drawn, self.key, self.new = random.Random(seed), key, new
        self.gone: set[Any] = set()
        self.added: set[Any] = set()

    def __call__(self, rows: list[dict[str, Any]]) -> None:
        kind = self.drawn.choice(["add", "remove", "change"])
        if kind == "add":
            made = self.new(self.drawn.randrange(10**6))
            if made[self.key] not in {row[self.key] for row in rows}:
                self.added.add(made[self.key])
                rows.append(made)
        elif kind == "remove":
            self.gone.add(rows.pop(self.drawn.randrange(len(rows)))[self.key])
        else:
            self.drawn.choice(rows)["beat"] = "B2"

    def refute(self, came: list[Any], before: set[Any]) -> None:
        """Fail when a record that was there throughout is missing, or any came twice or from nowhere."""
        assert max(Counter(came).values()) == 1
        assert before - self.gone <= set(came) <= before | self.added


def rows_of(delivery: Delivery, *path: str) -> list[dict[str, Any]]:
    found = []
    for page in delivery.pages:
        document = json.loads(page.read_bytes())
        for step in path:
            document = document[step]
        found += document
    return found


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("parallel", [1, 4])
def test_key_ranges_of_a_moving_portal_lose_and_double_nothing(
    server: LittleServer, fetched: Fetched, seed: int, parallel: int
) -> None:
    unrest = Unrest(seed, "id", lambda n: {":id": f"row-{n % 40:04}-{n}", "id": f"new {n}", "beat": "B1"})
    portal = LittlePortal(server, numbered(40), meanwhile=unrest)
    delivery = fetched(system="socrata", url=portal.url, page_size=4, parallel=parallel)
    unrest.refute([row["id"] for row in rows_of(delivery)], {str(number) for number in range(40)})
    assert len(server.calls) > 10


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("parallel", [1, 4])
def test_object_ids_of_a_moving_layer_lose_and_double_nothing(
    server: LittleServer, fetched: Fetched, seed: int, parallel: int
) -> None:
    unrest = Unrest(seed, "OBJECTID", lambda n: {"OBJECTID": 1000 + n})
    url = layer(server, [{"OBJECTID": row} for row in range(1, 60, 2)], unrest)
    delivery = fetched(system="arcgis", url=url, parallel=parallel)
    came = [feature["attributes"]["OBJECTID"] for feature in rows_of(delivery, "features")]
    unrest.refute(came, set(range(1, 60, 2)))
    assert len(server.calls) > 8


def layer(server: LittleServer, rows: list[dict[str, Any]], meanwhile: Change) -> str:
    """Serve a layer that pages at four features."""

    def answer(call: Call) -> Reply:
        if not call.path.endswith("/query"):
            return Reply({"objectIdField": "OBJECTID", "maxRecordCount": 4})
        found = sorted(row["OBJECTID"] for row in rows)
        for sign, bound in re.findall(r"OBJECTID (>=|<=|>) (\d+)", call.params["where"]):
            keeps = {">=": int.__ge__, "<=": int.__le__, ">": int.__gt__}[sign]
            found = [value for value in found if keeps(value, int(bound))]
        meanwhile(rows)
        if "returnCountOnly" in call.params:
            return Reply({"count": len(found)})
        if "returnIdsOnly" in call.params:
            return Reply({"objectIds": found[::-1]})
        features = [{"attributes": {"OBJECTID": value}} for value in found[:4]]
        return Reply({"features": features, "exceededTransferLimit": len(found) > 4})

    server.answer = one_at_a_time(answer)
    return f"{server.url}/FeatureServer/0"


def one_at_a_time(answer: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
    lock = Lock()

    def locked(call: Call) -> Reply:
        with lock:
            return answer(call)

    return locked


def at_call(number: int, change: Change) -> Change:
    """Return what makes one change, after so many answers."""
    calls = iter(range(1, 10**6))

    def meanwhile(rows: list[dict[str, Any]]) -> None:
        if next(calls) == number:
            change(rows)

    return meanwhile


def store(server: LittleServer, meanwhile: Change, number: int = 12, sort: str = "_id") -> dict[str, Any]:
    """Serve a CKAN resource and return what a feed of it says."""
    rows = [{"_id": row, "rank": row} for row in range(number)]

    def answer(call: Call) -> Reply:
        found = sorted(rows, key=lambda row: (row[call.params["sort"]], row["_id"]))
        start, size = int(call.params["offset"]), int(call.params["limit"])
        reply = Reply({"success": True, "result": {"records": found[start : start + size], "total": len(rows)}})
        meanwhile(rows)
        return reply

    server.answer = one_at_a_time(answer)
    return {"system": "ckan", "resource_id": "x", "url": server.url, "page_size": 4, "sort": sort}


def remove_first(rows: list[dict[str, Any]]) -> None:
    del rows[0]


def add(rows: list[dict[str, Any]]) -> None:
    rows.append({"_id": 900, "rank": 900})


def replace_first(rows: list[dict[str, Any]]) -> None:
    remove_first(rows)
    add(rows)


def move_last_to_front(rows: list[dict[str, Any]]) -> None:
    rows[-1]["rank"] = -1


@pytest.mark.parametrize("change", [remove_first, add, replace_first])
@pytest.mark.parametrize("call", [1, 2])
def test_a_store_that_changes_between_two_pages_is_to_be_asked_later(
    server: LittleServer, fetched: Fetched, change: Change, call: int, lake_home: Any
) -> None:
    with pytest.raises(FetchError, match="the source changed while it was read") as failure:
        fetched(**store(server, at_call(call, change)), parallel=1)
    assert failure.value.temporary
    assert not list(lake_home.glob("deliveries/office__feed/2*"))


def test_a_record_that_moves_in_the_order_of_a_store_is_noticed(server: LittleServer, fetched: Fetched) -> None:
    with pytest.raises(FetchError, match="the source changed while it was read") as failure:
        fetched(**store(server, at_call(1, move_last_to_front), sort="rank"), parallel=1)
    assert failure.value.temporary


def test_a_change_of_a_value_in_a_store_does_no_harm(server: LittleServer, fetched: Fetched) -> None:
    delivery = fetched(**store(server, at_call(1, move_last_to_front)))
    assert [row["_id"] for row in rows_of(delivery, "result", "records")] == list(range(12))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_restless_store_is_whole_or_refused_though_it_is_asked_for_several_pages(
    server: LittleServer, fetched: Fetched, seed: int
) -> None:
    unrest = Unrest(seed, "_id", lambda n: {"_id": 1000 + n, "rank": n})
    told = store(server, at_call(1 + seed % 3, unrest), number=40)
    try:
        came = [row["_id"] for row in rows_of(fetched(**told), "result", "records")]
    except FetchError as error:
        assert error.temporary
    else:
        unrest.refute(came, set(range(40)))


def requests(server: LittleServer, meanwhile: Change, number: int = 12, twice: tuple[int, ...] = ()) -> dict[str, Any]:
    """Serve Open311 requests in the order of their list, four a page, and return what a feed of them says."""
    rows = [{"service_request_id": str(row), "updated_datetime": "2026-10-25T13:00:00Z"} for row in range(number)]
    rows += [rows[row] for row in twice]

    def answer(call: Call) -> Reply:
        start = (int(call.params["page"]) - 1) * 4
        reply = Reply(rows[start : start + 4])
        meanwhile(rows)
        return reply

    server.answer = answer
    return {"system": "open311", "url": server.url, "page_size": 4}


def ids(delivery: Delivery) -> list[str]:
    return [row["service_request_id"] for row in rows_of(delivery)]


def new_in_front(rows: list[dict[str, Any]]) -> None:
    rows.insert(0, {"service_request_id": "new", "updated_datetime": "2026-10-25T13:00:01Z"})


def last_to_front(rows: list[dict[str, Any]]) -> None:
    rows.insert(0, rows.pop())


def first_to_end(rows: list[dict[str, Any]]) -> None:
    rows.append(rows.pop(0))


@pytest.mark.parametrize("call", [1, 2])
@pytest.mark.parametrize("change", [remove_first, first_to_end])
@pytest.mark.parametrize("cursor", [None, "updated_datetime"])
def test_a_request_that_slipped_past_between_two_pages_is_noticed(
    server: LittleServer, fetched: Fetched, change: Change, call: int, cursor: str | None
) -> None:
    with pytest.raises(FetchError, match="1 of its records were on none of the pages") as failure:
        fetched(**requests(server, at_call(call, change)), cursor=cursor)
    assert failure.value.temporary


def test_a_new_request_in_front_of_those_read_does_no_harm(server: LittleServer, fetched: Fetched) -> None:
    came = ids(fetched(**requests(server, at_call(1, new_in_front)), cursor="updated_datetime"))
    assert set(came) == {str(row) for row in range(12)}


def test_a_request_that_moved_to_the_front_is_missed_where_no_cursor_brings_it(
    server: LittleServer, fetched: Fetched
) -> None:
    with pytest.raises(FetchError, match="1 of its records were on none of the pages"):
        fetched(**requests(server, at_call(1, last_to_front)))


def test_a_source_that_has_records_twice_is_not_taken_for_a_moving_one(server: LittleServer, fetched: Fetched) -> None:
    came = ids(fetched(**requests(server, lambda rows: None, twice=(1, 7, 2))))
    assert came == [*(str(row) for row in range(12)), "1", "7", "2"]


def service(server: LittleServer, meanwhile: Change, number: int = 10) -> dict[str, Any]:
    """Serve SensorThings entities, four a page by links, and return what a feed of them says."""
    rows = [{"@iot.id": row} for row in range(number)]

    def answer(call: Call) -> Reply:
        skip = int(call.params.get("$skip", 0))
        body: dict[str, Any] = {"value": rows[skip : skip + 4], "@iot.count": len(rows)}
        if skip + 4 < len(rows):
            body["@iot.nextLink"] = f"{server.url}/Observations?$skip={skip + 4}"
        meanwhile(rows)
        return Reply(body)

    server.answer = answer
    return {"system": "sensorthings", "url": f"{server.url}/Observations"}


def another_reading(rows: list[dict[str, Any]]) -> None:
    rows.append({"@iot.id": 900})


def one_for_another(rows: list[dict[str, Any]]) -> None:
    remove_first(rows)
    another_reading(rows)


@pytest.mark.parametrize("change", [remove_first, one_for_another])
@pytest.mark.parametrize("call", [1, 2])
def test_an_entity_that_slipped_past_between_two_links_is_noticed(
    server: LittleServer, fetched: Fetched, change: Change, call: int
) -> None:
    with pytest.raises(FetchError, match="the source changed while it was read") as failure:
        fetched(**service(server, at_call(call, change)))
    assert failure.value.temporary


@pytest.mark.parametrize("call", [1, 2, 3, 4])
def test_a_reading_that_is_added_at_the_end_does_no_harm(server: LittleServer, fetched: Fetched, call: int) -> None:
    delivery = fetched(**service(server, at_call(call, another_reading)), cursor="phenomenonTime")
    came = [row["@iot.id"] for row in rows_of(delivery, "value")]
    assert [value for value in came if value != 900] == list(range(10))
