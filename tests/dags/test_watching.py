"""A cycle reads the watched feeds, whatever one of them does."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from cities.home import PROJECT
from dags import steps, watching
from lake import connect

INSTANT = datetime(2026, 10, 26, 11, 30, tzinfo=UTC)
FEED = """
  {name}:
    title: {{en: Inspections}}
    contract: inspection
    system: folder
    url: file://{drop}
    glob: "{name}.json"
    settle: 0
    format: json
    due: "06:40"
    watch: {watch}
    fields: {{inspection_id: id, inspection_date: day, result: outcome}}
"""


@pytest.fixture
def parks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A city of one department with two watched feeds and one that is not; yields the folder of their files."""
    city, drop = tmp_path / "city", tmp_path / "drop"
    city.mkdir()
    drop.mkdir()
    (city / "city.yml").write_text((PROJECT / "cities" / "sandbox" / "city.yml").read_text())
    feeds = [FEED.format(name=name, drop=drop, watch=watch) for name, watch in
             (("one", "true"), ("two", "true"), ("other", "false"))]  # fmt: skip
    (city / "parks.yml").write_text(
        'title: {en: Parks}\nsteward: p@city.example\nschedule: "0 6 * * *"\nlegal_basis: law\nfeeds:' + "".join(feeds)
    )
    for name in ("one", "two", "other"):
        (drop / f"{name}.json").write_text(json.dumps([{"id": name, "day": "2026-10-20", "outcome": "pass"}]))
    monkeypatch.setenv("CIVICLAKE_CITY", str(city))
    monkeypatch.setenv("CIVICLAKE_NOW", INSTANT.isoformat())
    return drop


def ask(sql: str) -> list[tuple[Any, ...]]:
    with connect() as connection:
        return connection.execute(sql).fetchall()


def test_watched_feeds_alone_are_read_and_once_for_an_instant(parks: Path) -> None:
    for _ in range(2):
        assert watching.collect(INSTANT, "cycle") == {"feeds": 2}
    assert ask("SELECT feed, accepted FROM ops.delivery ORDER BY ALL") == [("parks__one", 1), ("parks__two", 1)]
    assert ask("SELECT feeds, failed FROM ops.watch_cycle") == [(2, 0)]


def test_a_departments_own_run_of_the_same_instant_brings_nothing_twice(parks: Path) -> None:
    watching.collect(INSTANT, "cycle")
    place = steps.fetch_feed("parks__one", INSTANT, "morning", watching.BY_CURSOR)
    loaded = steps.load_feed("parks__one", steps.check_feed("parks__one", place, "morning"), "morning")
    assert loaded["already"]
    assert ask("SELECT count(*) FROM records.inspection WHERE _feed = 'parks__one'") == [(1,)]


def test_a_source_that_hangs_does_not_keep_the_others(parks: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for_ever, fetch = Event(), steps.fetch_feed

    def hang(feed_id: str, *rest: Any) -> str:
        if feed_id == "parks__one":
            for_ever.wait(60)
            raise RuntimeError("too late")
        return fetch(feed_id, *rest)

    monkeypatch.setattr("dags.steps.fetch_feed", hang)
    monkeypatch.setattr("dags.watching.FETCH_SECONDS", 15)
    with pytest.raises(watching.SomeFailed, match="not read in this cycle: parks__one$"):
        watching.collect(INSTANT, "cycle")
    assert ask("SELECT feed, accepted FROM ops.delivery") == [("parks__two", 1)]
    assert ask("SELECT feeds, failed FROM ops.watch_cycle") == [(2, 1)]
    for_ever.set()


def test_a_source_whose_answer_is_refused_does_not_keep_the_others(parks: Path) -> None:
    (parks / "one.json").write_text(json.dumps([{"other": 1}]))
    with pytest.raises(watching.SomeFailed, match="parks__one$"):
        watching.collect(INSTANT, "cycle")
    assert ask("SELECT feed, verdict FROM ops.delivery ORDER BY ALL") == [
        ("parks__one", "refused"), ("parks__two", "accepted"),
    ]  # fmt: skip
