from __future__ import annotations

from xml.etree import ElementTree

import pytest

ROOT = "/hotline/open311/v2"


def test_pages_add_up_to_all_requests_and_end_with_an_empty_one(ask, server) -> None:
    ids: list[str] = []
    for page in range(1, 100):
        answer = ask(f"{ROOT}/requests.json", page=page, page_size=200).json()
        if not answer:
            break
        ids += [request["service_request_id"] for request in answer]
    assert ids == [r["service_request_id"] for r in reversed(server.city.records("hotline__requests"))]


def test_a_page_has_fifty_requests_unless_asked_and_never_more_than_two_hundred(ask) -> None:
    assert len(ask(f"{ROOT}/requests.json").json()) == 50
    assert len(ask(f"{ROOT}/requests.json", page_size=1000).json()) == 200


def test_updated_after_brings_what_changed_since(ask, server) -> None:
    server.day = 1
    since = "2026-10-26T06:30:00-05:00"
    answer = ask(f"{ROOT}/requests.json", page_size=200, updated_after=since).json()
    assert answer
    assert all(request["updated_datetime"] >= since for request in answer)


@pytest.mark.parametrize("name, value", [("status", "open"), ("service_code", "POT,LGT")])
def test_requests_can_be_asked_by_status_and_service(ask, name: str, value: str) -> None:
    answer = ask(f"{ROOT}/requests.json", **{name: value}).json()
    assert answer
    assert {request[name] for request in answer} <= set(value.split(","))


def test_the_parks_jurisdiction_answers_in_xml_with_blank_elements_for_null(ask) -> None:
    root = ElementTree.fromstring(ask(f"{ROOT}/requests.xml", jurisdiction_id="parks").content)
    assert root.tag == "service_requests"
    assert len(root) == 50
    assert {request.tag for request in root} == {"request"}
    assert root[0].find("media_url") is not None
    assert root[0].findtext("attributes/district")


def test_one_request_and_the_services_can_be_asked_for(ask) -> None:
    first = ask(f"{ROOT}/requests.json", page_size=1).json()
    assert ask(f"{ROOT}/requests/{first[0]['service_request_id']}.json").json() == first
    assert len(ask(f"{ROOT}/services.json").json()) == 10
    assert len(ask(f"{ROOT}/services.json", jurisdiction_id="parks").json()) == 4


@pytest.mark.parametrize(
    "path, params, status",
    [
        ("requests.json", {"jurisdiction_id": "elsewhere"}, 404),
        ("requests/none.json", {}, 404),
        ("requests.json", {"start_date": "yesterday"}, 400),
        ("requests.json", {"start_date": "2026-10-25T00:00:00"}, 400),
        ("requests.json", {"page": "-1"}, 400),
    ],
)
def test_a_refusal_is_a_list_of_code_and_description(ask, path: str, params: dict, status: int) -> None:
    answer = ask(f"{ROOT}/{path}", **params)
    assert answer.status_code == status
    assert answer.json()[0]["code"] == status
    assert answer.json()[0]["description"]


def test_from_day_3_on_the_city_line_sends_a_field_more_and_the_parks_line_does_not(ask, server) -> None:
    for day, is_new in ((2, False), (3, True), (4, True)):
        server.day = day
        assert ("crew" in ask(f"{ROOT}/requests.json", page_size=1).json()[0]) is is_new
        assert b"<crew>" not in ask(f"{ROOT}/requests.xml", jurisdiction_id="parks").content
