from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from extractors import Delivery, FetchError, Window, socrata
from tests.extractors.little_portal import LittlePortal, numbered
from tests.extractors.little_server import Call, LittleServer, Reply

Fetched = Callable[..., Delivery]


def portal(server: LittleServer, records: int, counted: int | None = None) -> str:
    """Serve numbered records as a portal does; `counted` is what it says it has, when that is wrong."""
    return LittlePortal(server, numbered(records), counted).url


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


@pytest.mark.parametrize("records", [3, 12])
def test_records_are_asked_for_in_the_order_of_their_key_and_never_by_offset(
    server: LittleServer, fetched: Fetched, records: int
) -> None:
    fetched(system="socrata", url=portal(server, records), page_size=5)
    asked = [call.params for call in server.calls if call.params.get("$select") != "count(*)"]
    assert {params["$order"] for params in asked} == {":id"}
    assert not any("$offset" in params for params in asked)


def test_many_records_come_in_ranges_of_the_listed_keys(server: LittleServer, fetched: Fetched) -> None:
    fetched(system="socrata", url=portal(server, 12), page_size=5, parallel=1)
    count, keys, *pages = [call.params for call in server.calls]
    assert (count["$select"], keys["$select"], keys["$limit"]) == ("count(*)", ":id", "50000")
    assert [params["$where"] for params in pages] == [
        ":id >= 'row-0000' AND :id <= 'row-0004'",
        ":id >= 'row-0005' AND :id <= 'row-0009'",
        ":id >= 'row-0010' AND :id <= 'row-0011'",
    ]


def test_more_keys_than_one_call_gives_are_listed_on(
    server: LittleServer, fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socrata, "KEYS_A_CALL", 7)
    delivery = fetched(system="socrata", url=portal(server, 20), page_size=5)
    assert ids(delivery) == list(range(20))
    assert sum(call.params.get("$select") == ":id" for call in server.calls) == 3


def test_a_key_of_the_city_file_is_paged_by_whatever_its_values_hold(server: LittleServer, fetched: Fetched) -> None:
    rows = [{**row, "rd_no": f"it's {number:02}"} for number, row in enumerate(numbered(12))]
    delivery = fetched(system="socrata", url=LittlePortal(server, rows).url, page_size=5, key="rd_no")
    assert ids(delivery) == list(range(12))
    assert {call.params.get("$order") for call in server.calls} == {None, "rd_no"}


@pytest.mark.parametrize("spoil", [lambda row: row.pop("rd_no"), lambda row: row.update(rd_no="7")])
def test_a_key_that_is_blank_or_repeated_is_refused(server: LittleServer, fetched: Fetched, spoil: Any) -> None:
    rows = [{**row, "rd_no": row["id"]} for row in numbered(9)]
    spoil(rows[8])
    with pytest.raises(FetchError, match="the key 'rd_no' is blank or repeated; leave `key` out"):
        fetched(system="socrata", url=LittlePortal(server, rows).url, page_size=5, key="rd_no")


def test_a_portal_that_cuts_all_its_answers_loses_nothing(server: LittleServer, fetched: Fetched) -> None:
    delivery = fetched(system="socrata", url=LittlePortal(server, numbered(12), cut=3).url, page_size=5)
    assert ids(delivery) == list(range(12))


def test_a_portal_that_cuts_its_pages_is_told_with_the_size_that_fits(server: LittleServer, fetched: Fetched) -> None:
    listing, cutting = (LittlePortal(server, numbered(12), cut=cut) for cut in (50_000, 3))
    server.answer = lambda call: (listing if "$select" in call.params else cutting).answer(call)
    with pytest.raises(FetchError, match="only 3 of 5 records came: the source cuts its pages; set page_size to 3"):
        fetched(system="socrata", url=listing.url, page_size=5)


def test_a_system_field_that_is_mapped_is_asked_for_by_name(server: LittleServer, fetched: Fetched) -> None:
    rows = [{**row, ":updated_at": "2026-10-25T18:00:00.123Z"} for row in numbered(3)]
    told = {"fields": {"updated_at": ":updated_at"}, "cursor": ":updated_at"}
    delivery = fetched("2026-10-24T18:00:00.500Z", system="socrata", url=LittlePortal(server, rows).url, **told)
    page = json.loads(delivery.pages[0].read_bytes())
    assert [row[":updated_at"] for row in page] == ["2026-10-25T18:00:00.123Z"] * 3
    assert server.calls[-1].params["$select"] == ":updated_at, *"
    assert server.calls[-1].params["$where"] == ":updated_at >= '2026-10-24T18:00:00.500Z'"
    assert delivery.receipt.cursor_to == "2026-10-25T18:00:00.123Z"


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
    rows = numbered(5)

    def answer(call: Call) -> Reply:
        select = call.params.get("$select")
        if select is None:
            return Reply(rows)
        return Reply([{"count": "20"}] if select == "count(*)" else [{":id": f"{key:02}"} for key in range(20)])

    server.answer = answer
    with pytest.raises(FetchError, match="office__feed: page 2 repeats an earlier page"):
        fetched(system="socrata", url=server.url, page_size=5)


def test_a_portal_that_lists_the_same_keys_again_and_again_is_refused(server: LittleServer, fetched: Fetched) -> None:
    told = LittlePortal(server, numbered(12), counted=30, ignores=("$where",))
    with pytest.raises(FetchError, match="the key ':id' is not compared as it is ordered"):
        fetched(system="socrata", url=told.url, page_size=5, parallel=16)


def test_a_web_page_with_status_200_is_no_page(server: LittleServer, fetched: Fetched) -> None:
    html = Reply(b"<!DOCTYPE html><html><body>Down for maintenance</body></html>")
    server.first = [Reply([{"count": "1"}]), html, html, html]
    with pytest.raises(FetchError, match="a web page came with status 200 instead of JSON") as failure:
        fetched(system="socrata", url=server.url)
    assert failure.value.temporary


@pytest.mark.parametrize("body", [b'[{"id": "1"}, {"id"', b'[{"id": NaN}]', b"", b"\xff\xfe\xfa", b"[" * 100_000])
def test_a_page_that_is_not_json_to_its_end_is_a_failure(server: LittleServer, fetched: Fetched, body: bytes) -> None:
    server.first = [Reply([{"count": "1"}])] + [Reply(body)] * 3
    with pytest.raises(FetchError, match="not JSON from beginning to end|empty answer|is not UTF-8"):
        fetched(system="socrata", url=server.url)


@pytest.mark.parametrize("body", [{"error": True, "message": "broken"}, ["text"], None])
def test_json_that_is_no_list_of_records_is_a_failure(server: LittleServer, fetched: Fetched, body: object) -> None:
    server.first = [Reply([{"count": "1"}]), Reply(body)]
    with pytest.raises(FetchError, match="layout has changed"):
        fetched(system="socrata", url=server.url)
