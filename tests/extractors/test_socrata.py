from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from extractors import Delivery, FetchError, Window
from tests.extractors.little_server import Call, LittleServer, Reply

Fetched = Callable[..., Delivery]


def portal(server: LittleServer, records: int, counted: int | None = None) -> str:
    """Serve numbered records as a portal does; `counted` is what it says it has, when that is wrong."""

    def answer(call: Call) -> Reply:
        if "$select" in call.params:
            return Reply([{"count": str(records if counted is None else counted)}])
        start, size = int(call.params["$offset"]), int(call.params["$limit"])
        rows = range(records)[start : start + size]
        return Reply([{"id": str(row), "updated_on": f"2026-10-25T13:00:{row:02}.000"} for row in rows])

    server.answer = answer
    return f"{server.url}/resource/inc.json"


def ids(delivery: Delivery) -> list[int]:
    return [int(row["id"]) for page in delivery.pages for row in json.loads(page.read_bytes())]


@pytest.mark.parametrize(("records", "pages"), [(0, 1), (3, 1), (5, 1), (6, 2), (10, 2), (12, 3)])
def test_all_records_come_up_to_the_last_page(server: LittleServer, fetched: Fetched, records: int, pages: int) -> None:
    delivery = fetched(system="socrata", url=portal(server, records), page_size=5)
    assert ids(delivery) == list(range(records))
    assert len(delivery.pages) == pages
    assert (delivery.receipt.records, delivery.receipt.source_count) == (records, records)
    assert delivery.receipt.complete_snapshot
    assert delivery.receipt.http_calls == len(server.calls)


def test_pages_are_kept_byte_for_byte(server: LittleServer, fetched: Fetched) -> None:
    body = b'[ {"id" : "7" , "price" : 1.50,  "name" : "caf\xc3\xa9"} ]\n'
    server.first = [Reply([{"count": "1"}]), Reply(body)]
    delivery = fetched(system="socrata", url=server.url)
    assert delivery.pages[0].read_bytes() == body


def test_records_are_asked_for_in_a_stable_order(server: LittleServer, fetched: Fetched) -> None:
    fetched(system="socrata", url=portal(server, 3))
    assert server.calls[1].params["$order"] == ":id"


def test_a_count_that_disagrees_is_in_the_receipt_and_no_snapshot(server: LittleServer, fetched: Fetched) -> None:
    receipt = fetched(system="socrata", url=portal(server, 7, counted=10), page_size=5).receipt
    assert (receipt.records, receipt.source_count) == (7, 10)
    assert not receipt.complete_snapshot


def test_the_cursor_asks_for_its_own_record_again_and_moves_to_the_newest(
    server: LittleServer, fetched: Fetched
) -> None:
    receipt = fetched("2026-10-25T13:00:01.000", system="socrata", url=portal(server, 4), cursor="updated_on").receipt
    for call in server.calls:
        assert call.params["$where"] == "updated_on >= '2026-10-25T13:00:01.000'"
    assert (receipt.cursor_from, receipt.cursor_to) == ("2026-10-25T13:00:01.000", "2026-10-25T13:00:03.000")
    assert receipt.moves_cursor and not receipt.complete_snapshot


def test_a_window_takes_the_place_of_the_cursor_and_leaves_it_where_it_is(
    server: LittleServer, fetched: Fetched
) -> None:
    window = Window(datetime(2026, 10, 1, 5, tzinfo=UTC), datetime(2026, 10, 2, 5, tzinfo=UTC))
    told = {"system": "socrata", "url": portal(server, 4), "cursor": "updated_on", "where": "beat = 'B1'"}
    receipt = fetched("2026-10-25T13:00:01.000", window, **told).receipt
    assert server.calls[0].params["$where"] == (
        "(beat = 'B1') AND updated_on >= '2026-10-01T00:00:00' AND updated_on < '2026-10-02T00:00:00'"
    )
    assert (receipt.window.start, receipt.window.end) == (window.start, window.end)
    assert not receipt.moves_cursor and not receipt.complete_snapshot


def test_the_hour_that_comes_twice_is_asked_for_whole(server: LittleServer, fetched: Fetched) -> None:
    # 07:10 to 07:40 UTC is 01:10 to 01:40 after the clocks went back, but 01:50 was shown before it
    window = Window(datetime(2026, 11, 1, 7, 10, tzinfo=UTC), datetime(2026, 11, 1, 7, 40, tzinfo=UTC))
    fetched(None, window, system="socrata", url=portal(server, 1), cursor="updated_on")
    assert server.calls[0].params["$where"] == (
        "updated_on >= '2026-11-01T00:10:00' AND updated_on < '2026-11-01T02:40:00'"
    )


def test_a_cursor_inside_the_hour_that_comes_twice_steps_back_an_hour(server: LittleServer, fetched: Fetched) -> None:
    fetched("2026-11-01T01:30:00.000", system="socrata", url=portal(server, 1), cursor="updated_on")
    assert server.calls[0].params["$where"] == "updated_on >= '2026-11-01T00:30:00'"


def test_a_date_in_the_future_does_not_become_the_cursor(server: LittleServer, fetched: Fetched) -> None:
    stamps = ["2026-10-25T13:00:00.000", "2099-01-01T00:00:00.000", "soon"]
    server.first = [Reply([{"count": "3"}]), Reply([{"updated_on": stamp} for stamp in stamps])]
    receipt = fetched(system="socrata", url=server.url, cursor="updated_on").receipt
    assert receipt.cursor_to == "2026-10-25T13:00:00.000"


def test_the_token_goes_as_a_header_and_is_missed_when_it_is_not_set(
    server: LittleServer, fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"system": "socrata", "url": portal(server, 1), "token_env": "POLICE_TOKEN"}
    with pytest.raises(FetchError, match="environment variable POLICE_TOKEN is not set"):
        fetched(**told)
    monkeypatch.setenv("POLICE_TOKEN", "geheim")
    fetched(**told)
    assert {call.headers["x-app-token"] for call in server.calls} == {"geheim"}


def test_one_page_again_and_again_is_refused(server: LittleServer, fetched: Fetched) -> None:
    rows = [{"id": str(row)} for row in range(5)]
    server.answer = lambda call: Reply([{"count": "20"}] if "$select" in call.params else rows)
    with pytest.raises(FetchError, match="office__feed: page 2 repeats an earlier page"):
        fetched(system="socrata", url=server.url, page_size=5)


def test_a_web_page_with_status_200_is_no_page(server: LittleServer, fetched: Fetched) -> None:
    html = Reply(b"<!DOCTYPE html><html><body>Down for maintenance</body></html>")
    server.first = [Reply([{"count": "1"}]), html, html, html]
    with pytest.raises(FetchError, match="a web page came with status 200 instead of JSON") as failure:
        fetched(system="socrata", url=server.url)
    assert failure.value.temporary


@pytest.mark.parametrize("body", [b'[{"id": "1"}, {"id"', b'[{"id": NaN}]', b"", b"\xff\xfe\xfa", b"[" * 100_000])
def test_a_page_that_is_not_json_to_its_end_is_a_failure(server: LittleServer, fetched: Fetched, body: bytes) -> None:
    server.first = [Reply([{"count": "1"}])] + [Reply(body)] * 3
    with pytest.raises(FetchError, match="not JSON from beginning to end|empty answer"):
        fetched(system="socrata", url=server.url)


@pytest.mark.parametrize("body", [{"error": True, "message": "broken"}, ["text"], None])
def test_json_that_is_no_list_of_records_is_a_failure(server: LittleServer, fetched: Fetched, body: object) -> None:
    server.first = [Reply([{"count": "1"}]), Reply(body)]
    with pytest.raises(FetchError, match="layout has changed"):
        fetched(system="socrata", url=server.url)
