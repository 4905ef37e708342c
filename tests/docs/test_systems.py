"""The pages about kinds of system: their examples are departments, and what they promise of a mapping holds."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cities import City, read_city
from contracts import check
from contracts.mapping import Mapping
from extractors import fetch
from extractors.fetch import SYSTEMS
from tests.docs.test_web_systems import CITY, PAGES
from tests.extractors.little_server import LittleServer, Reply, serving

KINDS = ["ngsi_ld", "odata", "mqtt", "sql", "syndication", "polled"]


def example(page: str, folder: Path) -> City:
    """Read a page's example as the only department of a city."""
    (text,) = re.findall(r"^```yaml\n(.*?)^```", (PAGES / f"{page}.md").read_text(), re.DOTALL | re.MULTILINE)
    (folder / "city.yml").write_text(CITY)
    (folder / "office.yml").write_text(text)
    return read_city(str(folder))


@pytest.mark.parametrize("page", KINDS)
def test_the_example_of_a_page_is_a_department(page: str, tmp_path: Path) -> None:
    city = example(page, tmp_path)
    for feed_id, feed in city.feeds.items():
        assert Mapping.of(feed_id, feed, city).sender_fields
        assert feed.system in SYSTEMS


@pytest.mark.parametrize("page", KINDS)
def test_a_page_is_short_and_leads_only_to_pages_that_are_there(page: str) -> None:
    text = (PAGES / f"{page}.md").read_text()
    assert len(text.splitlines()) < 60
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (PAGES / target).exists(), target


def test_a_street_light_is_the_same_record_in_all_four_forms(
    public_data: Path, lake_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIGHTING_TOKEN", "geheim")
    records: list[dict[str, Any]] = []
    with serving() as server:
        monkeypatch.setenv("CIVICLAKE_ORIGINS", f"https://broker.city.example={server.url}")
        city = example("ngsi_ld", tmp_path)
        for form in ("", "-normalized"):
            for ending in ("json", "jsonld"):
                light = public_data / f"protocol_samples/ngsi_ld/Streetlight.example{form}.{ending}"
                records += judged(city, server, [json.loads(light.read_bytes())], f"light{form}-{ending}")
    assert len(records) == 4
    assert records == [records[0]] * 4
    assert (records[0]["lamp_post_id"], records[0]["lamp_kind"]) == ("streetlight:guadalajara:4567", "centralIsland")
    assert (records[0]["height_metres"], round(records[0]["latitude"], 3)) == (10.0, 40.628)


def judged(city: City, server: LittleServer, entities: list[Any], delivery_id: str) -> list[dict[str, Any]]:
    """Fetch and check entities, and return the records that were accepted."""
    server.answer = lambda call: Reply(entities, headers={"NGSILD-Results-Count": str(len(entities))})
    ((feed_id, feed),) = city.feeds.items()
    place = fetch(feed_id, feed, delivery_id, cursor=None, time_zone=city.time_zone)
    check(place, feed_id, feed, city)
    accepted = pl.concat(pl.read_parquet(file) for file in sorted(place.glob("checked/accepted-*.parquet")))
    return accepted.drop("_rec").to_dicts()
