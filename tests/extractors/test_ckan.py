from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from extractors import Delivery, FetchError
from tests.extractors.little_server import Call, LittleServer, Reply

Fetched = Callable[..., Delivery]


def store(server: LittleServer, records: int, limit: int = 100) -> str:
    """Serve numbered records; as in real stores there is a next link even past the end."""

    def answer(call: Call) -> Reply:
        start, size = int(call.params["offset"]), min(limit, int(call.params["limit"]))
        rows = [{"_id": row} for row in range(records)[start : start + size]]
        links = {"next": f"/datastore_search?offset={start + size}"}
        return Reply({"success": True, "result": {"records": rows, "total": records, "_links": links}})

    server.answer = answer
    return f"{server.url}/api/3/action/datastore_search"


@pytest.mark.parametrize("records", [0, 4, 5, 6, 12])
def test_all_records_come_and_agree_with_the_total(server: LittleServer, fetched: Fetched, records: int) -> None:
    told = {"system": "ckan", "resource_id": "permits", "filters": {"ward": "7"}}
    delivery = fetched(url=store(server, records), page_size=5, **told)
    assert (delivery.receipt.records, delivery.receipt.source_count) == (records, records)
    assert delivery.receipt.complete_snapshot
    assert server.calls[0].params == {
        "resource_id": "permits", "sort": "_id", "limit": "5", "offset": "0", "filters": '{"ward": "7"}'
    }  # fmt: skip


def test_a_store_that_cuts_pages_short_loses_nothing(server: LittleServer, fetched: Fetched) -> None:
    delivery = fetched(system="ckan", resource_id="permits", url=store(server, 11, limit=4), page_size=1000)
    rows = [row["_id"] for page in delivery.pages for row in json.loads(page.read_bytes())["result"]["records"]]
    assert rows == list(range(11))


def test_a_cursor_and_a_window_change_nothing(server: LittleServer, fetched: Fetched) -> None:
    delivery = fetched("2026-10-25", system="ckan", resource_id="permits", url=store(server, 3))
    assert delivery.receipt.complete_snapshot


def test_a_search_that_failed_is_a_failure(server: LittleServer, fetched: Fetched) -> None:
    server.answer = lambda call: Reply({"success": False, "error": {"message": "no"}})
    with pytest.raises(FetchError, match="the source says that its search failed"):
        fetched(system="ckan", resource_id="permits", url=server.url)
