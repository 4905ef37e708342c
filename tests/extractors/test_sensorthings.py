from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from extractors import Delivery, FetchError, Window
from tests.extractors.little_server import Call, LittleServer, Reply

Fetched = Callable[..., Delivery]


def service(server: LittleServer, entities: int) -> str:
    """Serve numbered entities, three a page, with the link to the next page."""

    def answer(call: Call) -> Reply:
        skip = int(call.params.get("$skip", 0))
        rows = range(entities)[skip : skip + 3]
        value = [{"@iot.id": row, "phenomenonTime": f"2026-10-25T{row:02}:00:00Z/2026-10-25T23:00:00Z"} for row in rows]
        body: dict[str, object] = {"value": value, "@iot.count": entities}
        if skip + 3 < entities:
            body["@iot.nextLink"] = f"{server.url}/v1.1/Observations?$skip={skip + 3}&$count=true"
        return Reply(body)

    server.answer = answer
    return f"{server.url}/v1.1/Observations"


@pytest.mark.parametrize(("entities", "pages"), [(0, 1), (2, 1), (3, 1), (4, 2), (9, 3)])
def test_the_links_lead_to_the_last_page(server: LittleServer, fetched: Fetched, entities: int, pages: int) -> None:
    delivery = fetched(system="sensorthings", url=service(server, entities), expand="Datastream")
    ids = [row["@iot.id"] for page in delivery.pages for row in json.loads(page.read_bytes())["value"]]
    assert ids == list(range(entities))
    assert len(delivery.pages) == pages
    # several are asked for twice, as proof that none moved
    assert len(server.calls) == (1 if pages == 1 else 2 * pages)
    assert delivery.receipt.source_count == entities
    assert server.calls[0].params == {
        "$top": "1000", "$count": "true", "$orderby": "@iot.id", "$expand": "Datastream"
    }  # fmt: skip


def test_the_cursor_is_asked_from_its_own_value_on(server: LittleServer, fetched: Fetched) -> None:
    told = {"system": "sensorthings", "url": service(server, 5), "cursor": "phenomenonTime"}
    receipt = fetched("2026-10-24T12:00:00Z", **told).receipt
    assert server.calls[0].params["$filter"] == "phenomenonTime ge 2026-10-24T12:00:00Z"
    assert server.calls[0].params["$orderby"] == "phenomenonTime,@iot.id"
    assert receipt.cursor_to == "2026-10-25T04:00:00Z"


def test_a_window_names_both_ends(server: LittleServer, fetched: Fetched) -> None:
    window = Window(datetime(2026, 10, 1, 5, tzinfo=UTC), datetime(2026, 10, 2, 5, tzinfo=UTC))
    fetched(None, window, system="sensorthings", url=service(server, 1), cursor="phenomenonTime")
    assert server.calls[0].params["$filter"] == (
        "phenomenonTime ge 2026-10-01T05:00:00.000000Z and phenomenonTime lt 2026-10-02T05:00:00.000000Z"
    )


def test_a_link_to_another_host_is_refused(server: LittleServer, other_server: LittleServer, fetched: Fetched) -> None:
    body = {"value": [{"@iot.id": 1}], "@iot.nextLink": f"{other_server.url}/v1.1/Observations"}
    server.answer = lambda call: Reply(body)
    with pytest.raises(FetchError, match="leads to another host"):
        fetched(system="sensorthings", url=server.url)
    assert other_server.calls == []


def test_an_empty_page_that_leads_to_others_is_not_the_last(server: LittleServer, fetched: Fetched) -> None:
    answers = {
        "0": {"value": [{"@iot.id": 1}], "@iot.nextLink": "?p=1"}, "1": {"value": [], "@iot.nextLink": "?p=2"},
        "2": {"value": [{"@iot.id": 2}]},
    }  # fmt: skip
    server.answer = lambda call: Reply(answers[call.params.get("p", "0")])
    receipt = fetched(system="sensorthings", url=server.url).receipt
    assert (receipt.records, len(receipt.pages), receipt.complete_snapshot) == (2, 2, True)


@pytest.mark.parametrize("link", ["http://[::1/x", "http://127.0.0.1:99999/", 5, ["x"]])
def test_a_link_that_is_no_address_is_told(server: LittleServer, fetched: Fetched, link: object) -> None:
    server.answer = lambda call: Reply({"value": [{"@iot.id": 1}], "@iot.nextLink": link})
    with pytest.raises(FetchError, match=f"{server.url}: its @iot.nextLink is no address"):
        fetched(system="sensorthings", url=server.url)
