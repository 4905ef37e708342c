"""All feeds of the demo city, fetched from its own systems over their real protocols."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cities import City, read_city
from extractors import FetchError, Receipt, fetch
from sandbox import SandboxServer, running

COUNTED = {"socrata", "open311", "arcgis", "ckan", "sensorthings", "sql", "geojson"}


@pytest.fixture
def riverbend(lake_home: Path) -> Iterator[SandboxServer]:
    (lake_home / "sandbox").mkdir()
    with running(seed=7, scale=0.2, day=0, finance_url=f"sqlite:///{lake_home}/sandbox/finance.db") as server:
        yield server


@pytest.fixture
def city(riverbend: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> City:
    monkeypatch.setenv("CIVICLAKE_ORIGINS", f"http://127.0.0.1:8765={riverbend.url}")
    return read_city("sandbox")


def collect(city: City, feed_id: str, delivery_id: str, cursor: str | None = None) -> Receipt:
    feed = city.feeds[feed_id]
    return Receipt.read(fetch(feed_id, feed, delivery_id, cursor=cursor, time_zone=city.time_zone))


def test_every_feed_gives_all_records_that_its_system_has(riverbend: SandboxServer, city: City) -> None:
    for feed_id, feed in city.feeds.items():
        receipt = collect(city, feed_id, "20261026T113000Z")
        sent = len(riverbend.city.records(feed_id))
        assert receipt.records == (sent if feed.system in COUNTED else None), feed_id
        assert receipt.source_count in (None, sent), feed_id


def test_the_next_morning_brings_only_what_changed(
    riverbend: SandboxServer, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CIVICLAKE_NOW", "2026-10-27T06:30:00-05:00")
    fed_by_cursor = [feed_id for feed_id, feed in city.feeds.items() if getattr(feed, "cursor", None)]
    cursors = {feed_id: collect(city, feed_id, "20261026T113000Z").cursor_to for feed_id in fed_by_cursor}
    riverbend.day = 1
    for feed_id, cursor in cursors.items():
        receipt = collect(city, feed_id, "20261027T113000Z", cursor)
        assert cursor is not None and receipt.cursor_from == cursor
        # at least the record that carried the cursor comes again
        assert receipt.records is not None and receipt.records >= 1, feed_id
        whole = len(riverbend.city.records(feed_id))
        assert receipt.records < whole / 2 or feed_id == "finance__budget_lines", feed_id


def test_a_system_that_asks_to_be_left_alone_for_an_hour_is_a_temporary_failure(
    riverbend: SandboxServer, city: City
) -> None:
    riverbend.day = 2
    with pytest.raises(FetchError, match=re.escape("answered 503 Service Unavailable; it asks to come back in 3600 s")):
        collect(city, "buildings__permits", "20261028T113000Z")


def test_a_wrong_count_and_an_error_that_passes_are_lived_with(riverbend: SandboxServer, city: City) -> None:
    riverbend.day = 4
    police = collect(city, "police__incidents", "20261030T113000Z")
    assert police.source_count is not None and police.records == police.source_count - 3
    fire = collect(city, "fire__calls", "20261030T113000Z")
    assert fire.retries == 1 and fire.records == fire.source_count
