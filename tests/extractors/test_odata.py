from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from extractors import Delivery, FetchError, Window
from tests.extractors.little_server import Call, LittleServer, Reply

Fetched = Callable[..., Delivery]
CONDITION = re.compile(r"(\w+) (gt|ge|lt) (?:datetime)?'?([^' ]+)'?")
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "gt": lambda one, other: one > other, "ge": lambda one, other: one >= other, "lt": lambda one, other: one < other
}  # fmt: skip


def matters(number: int) -> list[dict[str, Any]]:
    return [{"MatterId": row, "LastModified": f"2026-10-25T13:00:{row:02}Z"} for row in range(1, number + 1)]


def service(server: LittleServer, held: list[dict[str, Any]], cut: int = 100) -> str:
    """Serve entities as OData 4, cutting pages at `cut`, whatever is asked for."""

    def answer(call: Call) -> Reply:
        found = [entity for entity in held if _holds(entity, call.params.get("$filter", ""))]
        size = min(int(call.params["$top"]), cut)
        body: dict[str, Any] = {"value": sorted(found, key=lambda entity: entity["MatterId"])[:size]}
        if "$count" in call.params:
            body["@odata.count"] = len(found)
        if 0 < size < len(found):
            body["@odata.nextLink"] = "http://elsewhere.example/next"
        return Reply(body)

    server.answer = answer
    return f"{server.url}/v4/Matters"


def _holds(entity: dict[str, Any], conditions: str) -> bool:
    return all(
        COMPARE[sign](entity[name], type(entity[name])(value)) for name, sign, value in CONDITION.findall(conditions)
    )


def ids(delivery: Delivery, path: str = "value") -> list[int]:
    pages = [json.loads(page.read_bytes()) for page in delivery.pages]
    return [entity["MatterId"] for page in pages for entity in (page[path] if path else page)]


@pytest.mark.parametrize(("number", "pages"), [(0, 1), (3, 1), (5, 1), (6, 2), (12, 3)])
def test_entities_come_in_the_order_of_their_key(
    server: LittleServer, fetched: Fetched, number: int, pages: int
) -> None:
    delivery = fetched(system="odata", url=service(server, matters(number)), key="MatterId", page_size=5)
    assert ids(delivery) == list(range(1, number + 1))
    assert len(delivery.pages) == pages
    assert (delivery.receipt.source_count, delivery.receipt.complete_snapshot) == (number, True)


def test_a_server_that_cuts_its_pages_loses_nothing(server: LittleServer, fetched: Fetched) -> None:
    delivery = fetched(system="odata", url=service(server, matters(11), cut=4), key="MatterId", page_size=1000)
    assert ids(delivery) == list(range(1, 12))


def test_the_link_of_an_empty_page_is_followed_with_the_token_it_lacks(
    server: LittleServer, fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: dict[str, Any] = {
        "": {"value": [], "@odata.nextLink": "?s=1"}, "1": {"value": [], "@odata.nextLink": "?s=2&t=geheim"},
        "2": {"value": [{"MatterId": 7}], "@odata.nextLink": "?s=3"}, "MatterId gt 7": {"value": []},
    }  # fmt: skip
    server.first = [Reply({"value": []})]
    server.answer = lambda call: Reply(answers[call.params.get("s", call.params.get("$filter", ""))])
    monkeypatch.setenv("TOKEN", "geheim")
    told = {"key": "MatterId", "token_env": "TOKEN", "token_param": "t"}
    assert ids(fetched(system="odata", url=server.url, **told)) == [7]
    assert [call.params["t"] for call in server.calls] == ["geheim"] * 5


@pytest.mark.parametrize("link", [None, ""])
def test_a_link_that_is_blank_leads_to_nothing(server: LittleServer, fetched: Fetched, link: str | None) -> None:
    server.answer = lambda call: Reply({"value": [], "@odata.nextLink": link})
    assert fetched(system="odata", url=server.url, key="MatterId").receipt.records == 0


def test_entities_that_go_while_the_pages_are_read_hide_no_other(server: LittleServer, fetched: Fetched) -> None:
    held = matters(9)
    url = service(server, held, cut=3)
    answer = server.answer

    def shrinking(call: Call) -> Reply:
        reply = answer(call)
        if "$count" not in call.params and held[0]["MatterId"] == 1:
            del held[0]
        return reply

    server.answer = shrinking
    delivery = fetched(system="odata", url=url, key="MatterId")
    assert ids(delivery) == list(range(1, 10))


def test_the_cursor_is_asked_from_its_own_value_on(server: LittleServer, fetched: Fetched) -> None:
    url = service(server, matters(5))
    delivery = fetched("2026-10-25T13:00:03Z", system="odata", url=url, key="MatterId", cursor="LastModified")
    assert ids(delivery) == [3, 4, 5]
    assert server.calls[-1].params["$filter"] == "LastModified ge 2026-10-25T13:00:03Z"
    assert (delivery.receipt.cursor_to, delivery.receipt.complete_snapshot) == ("2026-10-25T13:00:05Z", False)


def test_a_window_is_written_as_each_version_writes_instants(server: LittleServer, fetched: Fetched) -> None:
    window = Window(datetime(2026, 10, 25, 6, tzinfo=UTC), datetime(2026, 10, 25, 7, tzinfo=UTC))
    told = {"system": "odata", "url": service(server, []), "key": "MatterId", "cursor": "LastModified"}
    fetched(None, window, **told)
    assert server.calls[-1].params["$filter"] == (
        "LastModified ge 2026-10-25T06:00:00Z and LastModified lt 2026-10-25T07:00:00Z"
    )
    server.first = [Reply([])]
    fetched(None, window, "20261027T113000Z", version=3, filter="Kind eq 'a' or Kind eq 'b'", **told)
    assert server.calls[-1].params["$filter"] == (
        "(Kind eq 'a' or Kind eq 'b') and LastModified ge datetime'2026-10-25T01:00:00' "
        "and LastModified lt datetime'2026-10-25T02:00:00'"
    )


def legislature(server: LittleServer, held: list[dict[str, Any]], token: str) -> str:
    """Serve matters as Legistar does: a bare list, at most 1000, no count, and a token in the query."""

    def answer(call: Call) -> Reply:
        if call.params.get("token") != token:
            return Reply({"Message": "Token required"}, status=403)
        found = [entity for entity in held if _holds(entity, call.params.get("$filter", ""))]
        return Reply(found[: min(int(call.params["$top"]), 1000)])

    server.answer = answer
    return f"{server.url}/v1/nyc/matters"


def test_a_legislature_is_read_in_version_3(
    server: LittleServer, fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = [{"MatterId": row, "MatterLastModifiedUtc": "2026-10-25T13:00:01.397"} for row in range(1, 2051)]
    url = legislature(server, held, "geheim")
    told = {"system": "odata", "version": 3, "url": url, "key": "MatterId", "cursor": "MatterLastModifiedUtc",
            "token_env": "COUNCIL_TOKEN", "token_param": "token", "time_zone": "UTC"}  # fmt: skip
    monkeypatch.setenv("COUNCIL_TOKEN", "geheim")
    delivery = fetched(**told)
    assert ids(delivery, "") == list(range(1, 2051))
    assert delivery.receipt.cursor_to == "2026-10-25T13:00:01.397"
    again = fetched("2026-10-25T13:00:01.397", delivery_id="20261027T113000Z", **told)
    assert server.calls[-1].params["$filter"] == (
        "MatterLastModifiedUtc ge datetime'2026-10-25T13:00:01.397' and MatterId gt 2050"
    )
    assert again.receipt.records == 2050
    monkeypatch.setenv("COUNCIL_TOKEN", "falsch")
    with pytest.raises(FetchError, match="403 Forbidden; check the token named by token_env") as failure:
        fetched(delivery_id="20261028T113000Z", **told)
    assert "falsch" not in str(failure.value)


@pytest.mark.parametrize(
    ("kind", "version", "last", "literal"),
    [("String", 4, "O'Hara", "'O''Hara'"), ("Guid", 3, "0a-1", "guid'0a-1'"), ("Guid", 4, "0a-1", "0a-1")],
)
def test_a_key_is_written_by_its_type(
    server: LittleServer, fetched: Fetched, kind: str, version: int, last: str, literal: str
) -> None:
    body: Any = [{"MatterId": last}]
    server.answer = lambda call: Reply(
        (body if version == 3 else {"value": body}) if "gt" not in call.params.get("$filter", "")
        else ([] if version == 3 else {"value": []})
    )  # fmt: skip
    fetched(system="odata", url=server.url, key="MatterId", key_type=kind, version=version, page_size=1)
    assert server.calls[-1].params["$filter"] == f"MatterId gt {literal}"


def test_a_token_goes_where_the_city_file_says(
    server: LittleServer, fetched: Fetched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "geheim")
    told = {"system": "odata", "url": service(server, []), "key": "MatterId", "token_env": "TOKEN"}
    fetched(**told)
    assert server.calls[-1].headers["authorization"] == "Bearer geheim"
    fetched(delivery_id="20261027T113000Z", token_header="X-Api-Key", **told)
    assert server.calls[-1].headers["x-api-key"] == "geheim" and "authorization" not in server.calls[-1].headers


def test_a_server_that_does_not_order_is_refused(server: LittleServer, fetched: Fetched) -> None:
    server.answer = lambda call: Reply({"value": [{"MatterId": 2}, {"MatterId": 1}]})
    with pytest.raises(FetchError, match="did not come in the order of MatterId"):
        fetched(system="odata", url=server.url, key="MatterId")


def test_a_server_that_ignores_where_a_page_starts_is_refused(server: LittleServer, fetched: Fetched) -> None:
    server.answer = lambda call: Reply({"value": [{"MatterId": 1}, {"MatterId": 2}]})
    with pytest.raises(FetchError, match="did not come in the order of MatterId"):
        fetched(system="odata", url=server.url, key="MatterId")


def test_a_key_that_no_entity_has_is_told(server: LittleServer, fetched: Fetched) -> None:
    server.answer = lambda call: Reply({"value": [{"EventId": 1}]})
    with pytest.raises(FetchError, match="name the field that tells them apart under `key`"):
        fetched(system="odata", url=server.url, key="MatterId")


def test_an_error_inside_an_answer_is_asked_for_again(server: LittleServer, fetched: Fetched) -> None:
    url = service(server, matters(2))
    server.first = [Reply({"error": {"code": "Busy", "message": "of Mrs Smith"}})]
    delivery = fetched(system="odata", url=url, key="MatterId")
    assert (ids(delivery), delivery.receipt.retries) == ([1, 2], 1)


def test_an_error_is_told_by_its_code_and_never_by_its_words(server: LittleServer, fetched: Fetched) -> None:
    error = {"error": {"code": "InvalidFilter", "message": "no property of Mrs Smith"}}
    server.answer = lambda call: Reply(error, status=400, headers={"Content-Type": "application/json"})
    with pytest.raises(FetchError, match=r"answered 400 Bad Request \(InvalidFilter\)") as failure:
        fetched(system="odata", url=server.url, key="MatterId")
    assert "Smith" not in str(failure.value) and not failure.value.temporary


def test_a_cursor_that_is_not_of_its_type_is_told(server: LittleServer, fetched: Fetched) -> None:
    url = service(server, matters(1))
    with pytest.raises(FetchError, match="is no DateTimeOffset; correct key_type or cursor_type"):
        fetched("2026-10-25T13:00:03", system="odata", url=url, key="MatterId", cursor="LastModified")
