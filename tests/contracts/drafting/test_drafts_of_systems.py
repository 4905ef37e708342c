"""Feeds drafted from the systems of the sandbox city, over their real protocols."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cities import City, home, read_city
from contracts import check
from contracts.drafting import draft
from contracts.fit import misfits
from extractors import Delivery, fetch
from sandbox import SandboxServer, running
from sandbox.people import canaries
from tests.contracts.drafting.town import make_town, put, shown

SEED, SCALE = 7, 0.3
DISTRICTS = [f"D{number:02}" for number in range(1, 13)]
FEEDS = {
    "hotline__requests": "/hotline/open311/v2/requests.json?jurisdiction_id=riverbend",
    "hotline__park_requests": "/hotline/open311/v2/requests.xml?jurisdiction_id=parks",
    "police__incidents": "/police/resource/inc-1234.json",
    "fire__calls": "/fire/arcgis/rest/services/Calls/FeatureServer/0",
    "buildings__permits": "/buildings/api/3/action/datastore_search?resource_id=permits",
    "statistics__population": "/statistics/population.csv",
    "statistics__areas": "/statistics/areas.geojson",
    "planning__measures": "/planning/plans/measures.csv",
    "planning__targets": "/planning/plans/targets-2026.xlsx",
    "lighting__lamp_posts": "/lighting/FROST/v1.1/Things",
    "lighting__observations": "/lighting/FROST/v1.1/Observations",
    "voice__news": "/voice/news.rss",
    "voice__forum": "/voice/forum.atom",
}
UNKNOWN = {"source_code"}
"""Required fields that no record of a source holds: only a human knows them."""


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with running(SEED, SCALE, 0) as started:
        yield started


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> City:
    monkeypatch.setenv("CIVICLAKE_NOW", "2026-10-26T06:30:00-05:00")
    return make_town(tmp_path / "town", DISTRICTS)


@pytest.fixture(scope="module")
def people() -> list[str]:
    found = canaries(SEED, SCALE, 0)
    assert len(found) > 1000
    return found


@pytest.mark.parametrize("feed_id", FEEDS)
def test_a_feed_drafted_from_a_system_is_one_that_passes_the_check(
    feed_id: str, server: SandboxServer, town: City, tmp_path: Path, people: list[str]
) -> None:
    drafted = draft(server.url + FEEDS[feed_id], town)
    city, drafted_id, feed = put(drafted, tmp_path / "town")
    assert misfits(city) == []
    known = read_city("sandbox").feeds[feed_id]
    assert (feed.contract, feed.system) == (known.contract, known.system)
    mistaken = {
        name: held.sender_field
        for name, held in feed.fields.items()
        if name in known.fields and name not in UNKNOWN and held.wordings and known.fields[name].wordings
        and held.wordings != known.fields[name].wordings
    }  # fmt: skip
    assert mistaken == {}
    text = shown(drafted)
    assert [person for person in people if person in text] == []
    assert list((home() / "deliveries").glob("sample-*")) == []
    if not UNKNOWN & set(feed.fields):
        _assert_reads_well(drafted_id, feed, city)


def _assert_reads_well(feed_id: str, feed: object, city: City) -> None:
    """Fetch all of the source by the drafted feed; it plants a few faults and no more."""
    place = fetch(feed_id, feed, "20261026T113000Z", cursor=None, time_zone=city.time_zone)  # type: ignore[arg-type]
    verdict = check(place, feed_id, feed, city)  # type: ignore[arg-type]
    assert verdict.is_accepted, verdict.refused_because
    assert verdict.accepted >= 0.9 * verdict.received
    assert Delivery.read(place).receipt.moves_cursor


def test_a_value_that_must_be_given_by_a_human_is_marked_and_accepts_nothing_until_then(
    server: SandboxServer, town: City
) -> None:
    drafted = draft(server.url + FEEDS["voice__news"], town)
    [line] = [line for line in drafted.text.splitlines() if "source_code" in line]
    assert line.strip() == 'source_code: {sql: "null"} # ? Source: nothing in the sample looks like it'
    assert "of 57 records 0 would be accepted, 57 set aside" in drafted.told


def test_a_sample_asks_a_source_for_one_page(server: SandboxServer, town: City) -> None:
    drafted = draft(server.url + FEEDS["fire__calls"], town)
    assert drafted.told[0] == "500 records, system arcgis"


def test_a_credential_in_the_address_is_not_shown(server: SandboxServer, town: City, tmp_path: Path) -> None:
    drafted = draft(server.url + "/statistics/population.csv?access_token=9f8e7d6c", town)
    assert "9f8e7d6c" not in shown(drafted)
    _, _, feed = put(drafted, tmp_path / "town")
    assert (feed.url, feed.url_env) == ("", "SOURCE_ADDRESS")
