from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from extractors import Delivery, FetchError, Window
from tests.extractors.little_server import Call, LittleServer, Reply

Fetched = Callable[..., Delivery]


def lamps(number: int) -> list[dict[str, Any]]:
    return [
        {"id": f"urn:ngsi-ld:Streetlight:{row}", "type": "Streetlight", "modifiedAt": f"2026-10-25T{row:02}:00:00.000Z"}
        for row in range(number)
    ]


def broker(server: LittleServer, held: list[dict[str, Any]], *, cut: int = 1000, knows_q: bool = True) -> str:
    """Answer as a broker does: a bare list, cut at `cut`, the count in a header."""

    def answer(call: Call) -> Reply:
        low = call.params.get("q", "").rpartition(">=")[2]
        found = [entity for entity in held if entity["modifiedAt"] >= low] if knows_q or not low else []
        start, size = int(call.params.get("offset", 0)), min(int(call.params["limit"]), cut)
        return Reply(found[start : start + size], headers={"NGSILD-Results-Count": str(len(found))})

    server.answer = answer
    return f"{server.url}/ngsi-ld/v1/entities"


def ids(delivery: Delivery) -> list[str]:
    return [entity["id"] for page in delivery.pages for entity in json.loads(page.read_bytes())]


@pytest.mark.parametrize(("number", "pages"), [(0, 1), (3, 1), (5, 1), (6, 2), (12, 3)])
def test_all_entities_come_page_by_page(server: LittleServer, fetched: Fetched, number: int, pages: int) -> None:
    delivery = fetched(system="ngsi_ld", url=broker(server, lamps(number)), type="Streetlight", page_size=5)
    assert ids(delivery) == [entity["id"] for entity in lamps(number)]
    assert len(delivery.pages) == pages
    assert (delivery.receipt.source_count, delivery.receipt.complete_snapshot) == (number, True)


def test_a_broker_that_sends_fewer_than_asked_for_loses_nothing(server: LittleServer, fetched: Fetched) -> None:
    delivery = fetched(system="ngsi_ld", url=broker(server, lamps(11), cut=4), type="Streetlight")
    assert len(ids(delivery)) == 11


def test_the_question_is_put_in_the_standards_words(
    server: LittleServer, fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "geheim")
    fetched(
        system="ngsi_ld", url=broker(server, lamps(1)), type="Streetlight", cursor="modifiedAt", tenant="lighting",
        context="https://example.org/context.jsonld", token_env="TOKEN", attrs=["powerState", "location"],
    )  # fmt: skip
    call = server.calls[-1]
    assert call.params == {
        "type": "Streetlight", "count": "true", "options": "keyValues,sysAttrs", "attrs": "powerState,location",
        "limit": "500", "offset": "0",
    }  # fmt: skip
    assert call.headers["link"] == (
        '<https://example.org/context.jsonld>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
    )
    assert (call.headers["ngsild-tenant"], call.headers["authorization"]) == ("lighting", "Bearer geheim")
    assert call.headers["accept"] == "application/json"


def test_the_cursor_is_asked_from_its_own_value_on_in_utc(server: LittleServer, fetched: Fetched) -> None:
    told = {"system": "ngsi_ld", "url": broker(server, lamps(5)), "type": "Streetlight", "cursor": "modifiedAt"}
    receipt = fetched("2026-10-25T05:00:00+02:00", q="status==\"ok\"|status==\"new\"", **told).receipt
    assert server.calls[-1].params["q"] == (
        '(status=="ok"|status=="new");modifiedAt>=2026-10-25T03:00:00.000000Z'
    )
    assert (receipt.records, receipt.cursor_to, receipt.complete_snapshot) == (2, "2026-10-25T04:00:00.000Z", False)


def test_a_window_names_both_ends(server: LittleServer, fetched: Fetched) -> None:
    window = Window(datetime(2026, 10, 1, 5, tzinfo=UTC), datetime(2026, 10, 2, 5, tzinfo=UTC))
    server.answer = lambda call: Reply([], headers={"NGSILD-Results-Count": "0"})
    told = {"system": "ngsi_ld", "url": server.url, "type": "T", "form": "normalized", "cursor": "speed.observedAt"}
    receipt = fetched(None, window, **told).receipt
    assert server.calls[-1].params["q"] == (
        "speed.observedAt>=2026-10-01T05:00:00.000000Z;speed.observedAt<2026-10-02T05:00:00.000000Z"
    )
    assert not receipt.complete_snapshot


def test_a_broker_that_does_not_understand_the_cursor_is_read_whole(server: LittleServer, fetched: Fetched) -> None:
    url = broker(server, lamps(4), knows_q=False)
    receipt = fetched("2026-10-25T02:00:00Z", system="ngsi_ld", url=url, type="T", cursor="modifiedAt").receipt
    assert (receipt.records, receipt.complete_snapshot, receipt.cursor_to) == (4, True, "2026-10-25T03:00:00.000Z")


def test_observed_instants_are_found_in_every_instance_of_an_attribute(server: LittleServer, fetched: Fetched) -> None:
    speeds = [{"type": "Property", "value": 1, "observedAt": f"2026-10-2{day}T00:00:00Z"} for day in (3, 5, 4)]
    entities = [{"id": "a", "speed": speeds[:2]}, {"id": "b", "speed": speeds[2]}, {"id": "c"}]
    server.answer = lambda call: Reply(entities, headers={"NGSILD-Results-Count": "3"})
    told = {"system": "ngsi_ld", "url": server.url, "type": "T", "form": "normalized", "cursor": "speed.observedAt"}
    assert fetched(**told).receipt.cursor_to == "2026-10-25T00:00:00Z"


def restless(server: LittleServer, held: list[dict[str, Any]], change: Callable[[], object]) -> str:
    """Answer as a broker whose entities change once, when the first page was read."""
    url = broker(server, held)
    answer = server.answer

    def once(call: Call) -> Reply:
        reply = answer(call)
        if call.params.get("offset") == "0" and len([one for one in server.calls if "offset" in one.params]) == 1:
            change()
        return reply

    server.answer = once
    return url


@pytest.mark.parametrize("change", ["removed", "moved", "exchanged", "made before the others"])
def test_entities_that_move_while_they_are_read_are_noticed(
    server: LittleServer, fetched: Fetched, change: str
) -> None:
    held = lamps(6)
    new = {**held[0], "id": "new"}
    changes: dict[str, Callable[[], object]] = {
        "removed": lambda: held.pop(0), "moved": lambda: held.insert(2, held.pop(0)),
        "exchanged": lambda: (held.pop(0), held.append(new)), "made before the others": lambda: held.insert(0, new),
    }  # fmt: skip
    url = restless(server, held, changes[change])
    with pytest.raises(FetchError, match="the source changed while it was read") as failure:
        fetched(system="ngsi_ld", url=url, type="T", page_size=2, parallel=1)
    assert failure.value.temporary


def test_entities_that_are_made_behind_the_others_come_too(server: LittleServer, fetched: Fetched) -> None:
    held = lamps(6)
    url = restless(server, held, lambda: held.append({**held[0], "id": "new"}))
    delivery = fetched(system="ngsi_ld", url=url, type="T", page_size=2, parallel=1)
    assert ids(delivery) == [entity["id"] for entity in held]


def test_a_broker_that_cannot_count_is_read_to_an_empty_page(server: LittleServer, fetched: Fetched) -> None:
    held = lamps(3)
    server.answer = lambda call: Reply(held[int(call.params.get("offset", 0)) :][: int(call.params["limit"])])
    receipt = fetched(system="ngsi_ld", url=server.url, type="T", page_size=2).receipt
    assert (receipt.records, receipt.source_count) == (3, None)


def test_a_problem_is_told_by_its_kind_and_never_by_its_details(server: LittleServer, fetched: Fetched) -> None:
    problem = {"type": "https://uri.etsi.org/ngsi-ld/errors/NonexistentTenant", "title": "No", "detail": "Mrs Smith"}
    server.answer = lambda call: Reply(problem, status=404, headers={"Content-Type": "application/problem+json"})
    with pytest.raises(FetchError, match=r"404 Not Found \(NonexistentTenant\); check the feed's url") as failure:
        fetched(system="ngsi_ld", url=server.url, type="T", tenant="nobody")
    assert "Smith" not in str(failure.value)


@pytest.mark.parametrize("body", [{"id": "one"}, b"<html><body>login</body></html>", b"[{"])
def test_what_is_no_list_of_entities_is_refused(server: LittleServer, fetched: Fetched, body: Any) -> None:
    server.answer = lambda call: Reply(body)
    with pytest.raises(FetchError, match="no list of records|a web page came|are not JSON"):
        fetched(system="ngsi_ld", url=server.url, type="T")


def test_a_cursor_inside_an_attribute_needs_the_normalized_form(read_feed: Callable[..., Any]) -> None:
    with pytest.raises(ValidationError, match="only `form: normalized`"):
        read_feed(system="ngsi_ld", url="http://x", type="T", cursor="speed.observedAt")


@pytest.mark.parametrize("form", [".json", ".jsonld", "-normalized.json", "-normalized.jsonld"])
def test_recorded_street_lights_come_in_every_form(
    public_data: Path, server: LittleServer, fetched: Fetched, form: str
) -> None:
    light = json.loads((public_data / f"protocol_samples/ngsi_ld/Streetlight.example{form}").read_bytes())
    server.answer = lambda call: Reply([light], headers={"NGSILD-Results-Count": "1"})
    told = {"system": "ngsi_ld", "url": server.url, "type": "Streetlight", "cursor": "dateLastLampChange"}
    assert fetched(**told).receipt.cursor_to == "2016-07-08T08:02:21.753Z"
