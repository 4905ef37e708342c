from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from extractors import Delivery, FetchError, Window
from tests.extractors.little_server import Call, LittleServer, Reply

Fetched = Callable[..., Delivery]


def end_point(server: LittleServer, requests: int, limit: int = 3) -> str:
    """Serve numbered requests, at most `limit` a page, as JSON or XML by the path's ending."""

    def answer(call: Call) -> Reply:
        start = (int(call.params["page"]) - 1) * limit
        stamps = [f"2026-10-25T13:00:{number:02}-05:00" for number in range(requests)[start : start + limit]]
        if call.path.endswith(".json"):
            return Reply([{"updated_datetime": stamp} for stamp in stamps])
        items = "".join(f"<request><updated_datetime>{stamp}</updated_datetime></request>" for stamp in stamps)
        return Reply(f"<?xml version='1.0'?><service_requests>{items}</service_requests>".encode())

    server.answer = answer
    return f"{server.url}/open311/v2/requests"


@pytest.mark.parametrize("kind", ["json", "xml"])
@pytest.mark.parametrize("requests", [0, 2, 3, 7])
def test_all_requests_come_though_the_server_cuts_pages_short(
    server: LittleServer, fetched: Fetched, kind: str, requests: int
) -> None:
    url = f"{end_point(server, requests)}.{kind}"
    delivery = fetched(system="open311", format=kind, url=url, params={"jurisdiction_id": "parks"}, page_size=200)
    assert delivery.receipt.records == requests
    assert delivery.receipt.source_count is None
    assert {call.params["jurisdiction_id"] for call in server.calls} == {"parks"}
    assert delivery.receipt.layout.records == ("" if kind == "json" else "request")


@pytest.mark.parametrize("kind", ["json", "xml"])
def test_the_cursor_steps_back_a_second_since_the_standard_names_no_bound(
    server: LittleServer, fetched: Fetched, kind: str
) -> None:
    told = {"system": "open311", "format": kind, "url": f"{end_point(server, 4)}.{kind}", "cursor": "updated_datetime"}
    receipt = fetched("2026-10-24T06:00:00-05:00", **told).receipt
    assert server.calls[0].params["updated_after"] == "2026-10-24T10:59:59Z"
    assert "updated_before" not in server.calls[0].params
    assert receipt.cursor_to == "2026-10-25T13:00:03-05:00"


def test_a_window_names_both_ends_in_utc(server: LittleServer, fetched: Fetched) -> None:
    window = Window(datetime(2026, 10, 1, 5, tzinfo=UTC), datetime(2026, 10, 2, 5, tzinfo=UTC))
    told = {"system": "open311", "url": f"{end_point(server, 1)}.json"}
    fetched(None, window, cursor="updated_datetime", **told)
    assert server.calls[0].params["updated_after"] == "2026-10-01T05:00:00Z"
    assert server.calls[0].params["updated_before"] == "2026-10-02T05:00:00Z"
    fetched(None, window, "20261027T113000Z", cursor="requested_datetime", **told)
    assert server.calls[-1].params["start_date"] == "2026-10-01T05:00:00Z"


def test_a_cursor_that_open311_cannot_ask_by_is_told_with_what_it_can(server: LittleServer, fetched: Fetched) -> None:
    with pytest.raises(FetchError, match="use one of updated_datetime, requested_datetime"):
        fetched(system="open311", url=server.url, cursor="status")


def test_the_newest_instant_wins_over_the_greatest_text(server: LittleServer, fetched: Fetched) -> None:
    # the later text is the earlier instant: the clocks went back between them
    stamps = ["2026-10-25T01:50:00-05:00", "2026-10-25T01:10:00-06:00"]
    server.first = [Reply([{"updated_datetime": stamp} for stamp in stamps]), Reply([])]
    receipt = fetched(system="open311", url=server.url, cursor="updated_datetime").receipt
    assert receipt.cursor_to == "2026-10-25T01:10:00-06:00"


def test_a_server_that_ignores_the_page_number_is_refused(server: LittleServer, fetched: Fetched) -> None:
    server.answer = lambda call: Reply([{"service_request_id": "1"}])
    with pytest.raises(FetchError, match="repeats an earlier page"):
        fetched(system="open311", url=server.url)


NO_REQUESTS = [
    b"<errors><error><code>500</code></error></errors>", b"<service_requests><request>",
    b"<?xml version='1.0' encoding='hex'?><service_requests/>",
]  # fmt: skip


@pytest.mark.parametrize("body", NO_REQUESTS)
def test_xml_that_holds_no_requests_is_a_failure(server: LittleServer, fetched: Fetched, body: bytes) -> None:
    server.answer = lambda call: Reply(body)
    with pytest.raises(FetchError, match="<errors> came|not XML from beginning to end"):
        fetched(system="open311", format="xml", url=server.url)


def test_xml_entities_are_refused(server: LittleServer, fetched: Fetched, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("geheim")
    body = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]><service_requests>&e;</service_requests>'
    server.answer = lambda call: Reply(body.encode())
    with pytest.raises(FetchError, match="not XML"):
        fetched(system="open311", format="xml", url=server.url)
