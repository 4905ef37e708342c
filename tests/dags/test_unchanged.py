"""A run in which nothing changed asks each source once, and starts one task a department."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from airflow.sdk.exceptions import AirflowFailException

from cities.home import PROJECT
from dags import steps
from lake import connect
from tests.extractors.little_server import Call, LittleServer, Reply

BY_CURSOR = {"start": None, "end": None, "full_refresh": False}
FEED_IDS = ["parks__lawns", "parks__playgrounds"]
HEAD = 'title: {en: Parks}\nsteward: p@city.example\nschedule: "0 6 * * *"\nlegal_basis: law\nfeeds:'
FEED = """
  %s:
    title: {en: Inspections}
    contract: inspection
    system: csv
    url: %s/%s.csv
    due: "06:40"
    rows: {max: 1}
    fields: {inspection_id: number, inspection_date: day, result: {from: outcome, values: {good: pass}}}
"""


class Site(LittleServer):
    """Serves a file of one inspection at each path, with its ETag; the file tells the feed's name and its edition."""

    def __init__(self) -> None:
        super().__init__()
        self.editions = {"/lawns.csv": 1, "/playgrounds.csv": 1}
        self.outcome = "good"
        self.answer = self.file

    def file(self, call: Call) -> Reply:
        tag = {"ETag": f'"{self.editions[call.path]}"'}
        if call.headers.get("if-none-match") == tag["ETag"]:
            return Reply(status=304, headers=tag)
        number = f"{call.path[1:]}-{self.editions[call.path]}"
        return Reply(f"number,day,outcome\n{number},2026-10-20,{self.outcome}\n".encode(), headers=tag)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    site = Site()
    Thread(target=site.serve_forever, daemon=True).start()
    (tmp_path / "city.yml").write_text((PROJECT / "cities" / "sandbox" / "city.yml").read_text())
    feeds = "".join(FEED % (name, site.url, name) for name in ("lawns", "playgrounds"))
    (tmp_path / "parks.yml").write_text(HEAD + feeds)
    monkeypatch.setenv("CIVICLAKE_CITY", str(tmp_path))
    yield site
    site.shutdown()
    site.server_close()


def instant_of(day: int) -> datetime:
    return datetime(2026, 10, day, 11, 32, tzinfo=UTC)


def bring(day: int, monkeypatch: pytest.MonkeyPatch, window: dict[str, object] = BY_CURSOR) -> list[str]:
    """Run a morning's steps, and return the feeds that were to go on."""
    instant = instant_of(day)
    monkeypatch.setenv("CIVICLAKE_NOW", instant.isoformat())
    run = f"day {day}"
    changed = steps.ask_feeds(FEED_IDS, instant, run, window)
    for feed_id in changed:
        place = steps.fetch_feed(feed_id, instant, run, window)
        steps.load_feed(feed_id, steps.check_feed(feed_id, place, run), run)
    return changed


def ledger() -> list[tuple[object, ...]]:
    with connect() as connection:
        return connection.execute(
            """SELECT feed, left(delivery_id, 8), verdict, received, accepted, not_modified, http_calls
            FROM ops.delivery ORDER BY ALL"""
        ).fetchall()


def test_what_did_not_change_costs_one_call_and_enters_the_ledger(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bring(26, monkeypatch) == FEED_IDS
    site.editions["/playgrounds.csv"] = 2
    site.calls.clear()
    assert bring(27, monkeypatch) == ["parks__playgrounds"]
    assert [call.path for call in site.calls] == ["/lawns.csv", "/playgrounds.csv"]
    assert ledger() == [
        ("parks__lawns", "20261026", "accepted", 1, 1, False, 1),
        ("parks__lawns", "20261027", "accepted", 0, 0, True, 1),
        ("parks__playgrounds", "20261026", "accepted", 1, 1, False, 1),
        ("parks__playgrounds", "20261027", "accepted", 1, 1, False, 1),
    ]


def test_a_third_day_without_change_is_known_by_the_first(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [bring(day, monkeypatch) for day in (26, 27, 28)] == [FEED_IDS, [], []]
    assert [row[5] for row in ledger()] == [False, True, True] * 2


def test_the_same_run_asked_again_changes_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(26, monkeypatch)
    bring(27, monkeypatch)
    before = ledger()
    bring(27, monkeypatch)
    assert ledger() == before


def test_an_answer_kept_by_a_run_that_was_killed_is_written_by_the_next(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(26, monkeypatch)
    with monkeypatch.context() as killed:
        killed.setattr("lake.load_unchanged", lambda *_, **__: exit(9))
        with pytest.raises(SystemExit):
            bring(27, monkeypatch)
    assert len(ledger()) == 2
    site.calls.clear()
    assert bring(27, monkeypatch) == []
    assert (len(ledger()), site.calls) == (4, [])


@pytest.mark.parametrize("before, after", [
    ("{good: pass}", "{good: fail}"),
    ("/lawns.csv", "/other_lawns.csv"),
    ("rows: {max: 1}", "rows: {max: 2}"),
    ("rows: {max: 1}", 'delimiter: ";"'),
])  # fmt: skip
def test_a_mended_city_file_lets_the_same_answer_come_again(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, after: str
) -> None:
    bring(26, monkeypatch)
    parks = tmp_path / "parks.yml"
    parks.write_text(parks.read_text().replace(before, after, 1))
    site.editions["/other_lawns.csv"] = 1
    assert steps.ask_feeds(FEED_IDS, instant_of(27), "day 27", BY_CURSOR) == ["parks__lawns"]


def test_another_port_or_mirror_is_the_same_source(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(26, monkeypatch)
    monkeypatch.setenv("CIVICLAKE_ORIGINS", f"{site.url}={site.url.replace('127.0.0.1', 'localhost')}")
    assert bring(27, monkeypatch) == []


@pytest.mark.parametrize("window", [
    {"start": None, "end": None, "full_refresh": True},
    {"start": "2026-10-20T00:00:00-05:00", "end": None, "full_refresh": False},
])  # fmt: skip
def test_who_asks_for_everything_gets_it(
    site: Site, monkeypatch: pytest.MonkeyPatch, window: dict[str, object]
) -> None:
    bring(26, monkeypatch)
    assert bring(27, monkeypatch, window) == FEED_IDS


def test_a_refused_answer_is_not_what_the_next_is_compared_with(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(26, monkeypatch)
    site.outcome, site.editions["/lawns.csv"] = "good\nanother,2026-10-20,good", 2
    for day in (27, 28):
        with pytest.raises(AirflowFailException, match="refused"):
            bring(day, monkeypatch)
    site.outcome, site.editions["/lawns.csv"] = "good", 1
    assert bring(29, monkeypatch) == []


def test_a_source_that_cannot_be_asked_fails_under_its_own_name(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(26, monkeypatch)
    site.answer = lambda call: Reply(status=403)
    assert steps.ask_feeds(FEED_IDS, instant_of(27), "day 27", BY_CURSOR) == FEED_IDS
