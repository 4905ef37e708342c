"""Answers that real city systems gave, played back; they lie beside the project and are skipped where they do not."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from extractors import Delivery, FetchError, session
from extractors.session import Patience
from tests.extractors.little_server import Call, LittleServer, Reply

Fetched = Callable[..., Delivery]


@pytest.fixture
def samples(public_data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(session, "PATIENCE", Patience(attempts=1))
    return public_data / "protocol_samples"


def map_server(samples: Path, server: LittleServer, page: str) -> str:
    """Play an old MapServer back, which answers a wish for a count, or for anything, with features."""
    folder = samples / "arcgis/us-il-cook"

    def answer(call: Call) -> Reply:
        if not call.path.endswith("/query"):
            return Reply((folder / "metadata.json").read_bytes())
        name = "count-only" if "returnCountOnly" in call.params else page
        return Reply((folder / f"{name}.json").read_bytes() if ">" not in call.params["where"] else {"features": []})

    server.answer = answer
    return f"{server.url}/MapServer/11"


def test_an_old_map_server_that_cannot_count_is_read_without_a_count(
    samples: Path, server: LittleServer, fetched: Fetched
) -> None:
    receipt = fetched(system="arcgis", url=map_server(samples, server, "page-partial")).receipt
    assert (receipt.records, receipt.source_count) == (2, None)


def test_an_old_map_server_that_does_not_order_its_features_is_refused(
    samples: Path, server: LittleServer, fetched: Fetched
) -> None:
    with pytest.raises(FetchError, match="did not come in the order of OBJECTID"):
        fetched(system="arcgis", url=map_server(samples, server, "page-full"))


def test_a_canadian_store_ends_at_its_total_and_not_at_its_next_link(
    samples: Path, server: LittleServer, fetched: Fetched
) -> None:
    page = (samples / "ckan/canada_contracts_last_page_of_28304.json").read_bytes()
    document = json.loads(page)
    document["result"]["total"] = 4
    server.first = [Reply(document)]
    receipt = fetched(system="ckan", resource_id="x", url=server.url, page_size=10).receipt
    assert (receipt.records, receipt.source_count, receipt.http_calls) == (4, 4, 1)


def test_requests_of_two_cities_are_read_in_json_and_xml(samples: Path, server: LittleServer, fetched: Fetched) -> None:
    chicago, toronto = (samples / "open311" / name for name in ("service_requests.json", "requests_single.xml"))
    server.first = [Reply(chicago.read_bytes()), Reply([])]
    told = {"system": "open311", "url": server.url, "cursor": "updated_datetime"}
    receipt = fetched(**told).receipt
    assert (receipt.records, receipt.cursor_to) == (2, "2014-07-12T11:08:21-05:00")
    server.first = [Reply(toronto.read_bytes()), Reply(b"<service_requests/>")]
    receipt = fetched(format="xml", delivery_id="20261027T113000Z", **told).receipt
    assert (receipt.records, receipt.cursor_to) == (1, None)


def test_a_sensor_service_behind_another_name_is_refused_with_that_name(
    samples: Path, server: LittleServer, fetched: Fetched
) -> None:
    server.first = [Reply((samples / "sensorthings/sensorthings_things_1.json").read_bytes())]
    with pytest.raises(FetchError, match="leads to another host, http://next/"):
        fetched(system="sensorthings", url=server.url)


def test_every_poll_of_a_city_halls_news_is_kept_also_when_it_has_no_items(
    samples: Path, server: LittleServer, fetched: Fetched
) -> None:
    with gzip.open(samples / "rss/maringa_rss_history_to_2025-07-31.jsonl.gz", "rt") as history:
        bodies = [json.loads(line)["body"].encode() for line in history][:20]
    polls = [body for body in bodies if body]
    for number, body in enumerate(polls):
        server.first = [Reply(body)]
        delivery = fetched(system="syndication", url=server.url, delivery_id=f"poll-{number}")
        assert delivery.pages[0].read_bytes() == body
