from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from airflow.sdk.exceptions import AirflowFailException

from cities.home import PROJECT
from dags import steps
from extractors import Delivery
from lake import connect, last_build, prepare
from tests.extractors.broker import Broker

MORNING = datetime(2026, 10, 26, 11, 32, tzinfo=UTC)
BY_CURSOR = {"start": None, "end": None, "full_refresh": False}


@pytest.fixture
def parks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A city of one department, and the folder into which it drops its records."""
    city, drop = tmp_path / "city", tmp_path / "drop"
    city.mkdir()
    drop.mkdir()
    (city / "city.yml").write_text((PROJECT / "cities" / "sandbox" / "city.yml").read_text())
    (city / "parks.yml").write_text(
        'title: {en: Parks}\nsteward: p@city.example\nschedule: "0 6 * * *"\nlegal_basis: law\nfeeds:\n'
        "  inspections:\n    title: {en: Inspections}\n    contract: inspection\n    system: folder\n"
        f'    url: file://{drop}\n    glob: "*.json"\n    settle: 0\n    format: json\n    due: "06:40"\n'
        "    fields: {inspection_id: id, inspection_date: day, result: outcome}\n"
    )
    (drop / "one.json").write_text(json.dumps([{"id": "P1", "day": "2026-10-20", "outcome": "pass"}]))
    monkeypatch.setenv("CIVICLAKE_CITY", str(city))
    monkeypatch.setenv("CIVICLAKE_NOW", MORNING.isoformat())
    return drop


def bring(run_id: str, window: dict[str, object] = BY_CURSOR) -> dict[str, object]:
    place = steps.fetch_feed("parks__inspections", MORNING, run_id, window)
    return steps.load_feed("parks__inspections", steps.check_feed("parks__inspections", place, run_id), run_id)


def test_a_feed_goes_from_its_source_into_the_lake(parks: Path) -> None:
    assert bring("one")["accepted"] == 1


def test_a_run_tried_again_goes_on_with_what_it_had_kept(parks: Path) -> None:
    place = steps.fetch_feed("parks__inspections", MORNING, "one", BY_CURSOR)
    (parks / "one.json").unlink()
    assert steps.fetch_feed("parks__inspections", MORNING, "one", BY_CURSOR) == place
    assert bring("one")["accepted"] == 1


def test_messages_that_were_fetched_and_never_loaded_come_with_the_next_run(
    parks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = Broker(tmp_path)
    file = tmp_path / "city" / "parks.yml"
    folder = f'folder\n    url: file://{parks}\n    glob: "*.json"\n    settle: 0\n    format: json\n'
    mqtt = f'mqtt\n    url: {broker.url}\n    topics: ["parks/#"]\n    seconds: 1\n'
    fields = "inspection_id: topic, inspection_date: {sql: \"payload->>'day'\"}, result: {sql: \"payload->>'end'\"}"
    told = file.read_text().replace(folder, mqtt)
    file.write_text(told.replace("inspection_id: id, inspection_date: day, result: outcome", fields))

    def fetch(minute: int) -> str:
        instant = MORNING.replace(minute=minute)
        monkeypatch.setenv("CIVICLAKE_NOW", instant.isoformat())
        return steps.fetch_feed("parks__inspections", instant, "run", BY_CURSOR)

    fetch(33)
    broker.publish("parks/1", '{"day": "2026-10-20", "end": "pass"}')
    fetch(34)
    places = [fetch(minute) for minute in (35, 36)]
    loaded = [steps.load_feed("parks__inspections", steps.check_feed("parks__inspections", place, "run"), "run")
              for place in places]  # fmt: skip
    assert [(one["received"], one["accepted"]) for one in loaded] == [(1, 1), (1, 0)]
    assert Delivery.read(Path(fetch(37))).receipt.records == 0
    broker.stop()


def test_a_back_fill_of_a_day_is_another_delivery_than_the_days_own(parks: Path) -> None:
    bring("one")
    bring("two", {"start": "2026-10-19T00:00:00-05:00", "end": "2026-10-20T00:00:00-05:00", "full_refresh": False})
    with connect() as connection:
        rows = connection.execute("SELECT delivery_id, moves_cursor FROM ops.delivery ORDER BY 1").fetchall()
    assert rows == [("20261026T113200Z", True), ("20261026T113200Z-backfill", False)]


@pytest.mark.parametrize("start", ["yesterday", "2026-10-27T00:00:00-05:00"])
def test_a_window_that_cannot_be_is_not_tried_again(parks: Path, start: str) -> None:
    with pytest.raises(AirflowFailException, match="window"):
        bring("one", {"start": start, "end": "2026-10-20T00:00:00-05:00", "full_refresh": False})


def test_a_failure_is_kept_without_the_words_of_another_library(
    parks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("Mary Major, 555 0100")

    monkeypatch.setattr("extractors.fetch", fail)
    with pytest.raises(ValueError, match="Mary"):
        bring("one")
    with connect() as connection:
        rows = connection.execute("SELECT dag_id, step, state, message FROM ops.run").fetchall()
    assert rows == [("parks", "fetch", "failed", "ValueError: see the run log")]


ASKED: dict[str, object] = {"feeds": [], "delivery": None, "accept": [], "note": "", "who": None}


def mend(parks: Path) -> None:
    place = parks.parent / "city" / "parks.yml"
    place.write_text(place.read_text().replace("result: outcome", "result: {from: outcome, values: {passed: pass}}"))


def test_what_waits_is_found_checked_and_loaded_once_it_is_mended(parks: Path) -> None:
    (parks / "one.json").write_text(json.dumps([{"id": "P1", "day": "2026-10-20", "outcome": "passed"}]))
    assert bring("one")["set_aside"] == 1
    assert steps.find_replays(ASKED, "two") == []
    mend(parks)
    [[feed, place]] = steps.find_replays(ASKED, "two")
    assert steps.load_feed(feed, steps.check_feed(feed, place, "two"), "two")["accepted"] == 1
    assert steps.find_replays(ASKED, "three") == []


def test_what_cannot_be_replayed_is_not_tried_again(parks: Path) -> None:
    bring("one")
    with pytest.raises(AirflowFailException, match="nothing of a delivery d1"):
        steps.find_replays({**ASKED, "delivery": "d1"}, "two")


def test_a_build_that_was_not_run_has_failed() -> None:
    prepare()
    assert last_build(MORNING).status == "failed"
