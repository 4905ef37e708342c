"""Feeds that show only the present state, asked often: every state that was seen is kept, and no empty answer deletes.

`REPLAYED_POLLS=500 pytest tests/story/test_a_polled_feed.py` replays both recordings whole, in every test.
"""

from __future__ import annotations

import gzip
import io
import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest

from cities import City, read_city
from contracts import check
from extractors import Receipt, fetch
from lake import connect, load, sync_city
from lake.maintenance import maintain
from tests.dbt_project.small_lake import NO_UNIT_TESTS, SmallLake, failed
from tests.extractors.little_server import LittleServer, Reply, serving

FEW, MANY = (int(os.environ.get("REPLAYED_POLLS", usual)) for usual in ("12", "100"))
"""How many polls a test replays: a hundred are a day and a half."""

CALLS = "live_feed/fire_dispatch_2023-06-19_week.jsonl.gz"
CITY = """\
title: {en: Countyville}
time_zone: America/Los_Angeles
areas: {kind: {en: district}, codes: ["1"]}
contact: {name: Data Office, email: data@city.example}
"""
OFFICE = """\
title: {en: Dispatch}
steward: dispatch@city.example
schedule: "*/15 * * * *"
legal_basis: law
feeds:
  calls:
    title: {en: Calls}
    contract: incident
    system: json
    url: %(url)s
    due: "06:30"
    fields:
      incident_id: id
      occurred_at:
        sql: |
          coalesce(try_strptime(date || ' ' || time, '%%Y-%%m-%%d %%I:%%M:%%S %%p'),
            try_strptime(time, '%%m/%%d/%%Y %%I:%%M:%%S %%p'))
      category: category
      description: units
      location_kind: summary
      block: location
      latitude: latitude
      longitude: longitude
  news:
    title: {en: News}
    contract: opinion_item
    system: syndication
    url: %(url)s
    due: "06:30"
    fields:
      item_id: {sql: "coalesce(id, link)"}
      source_code: {sql: "'news'"}
      published_at: published
      title: title
      body: summary
      url: link
"""


@pytest.fixture
def server() -> Iterator[LittleServer]:
    with serving() as started:
        yield started


@dataclass
class Office:
    """Polls a feed at the instants of its recording."""

    city: City
    server: LittleServer
    monkeypatch: pytest.MonkeyPatch
    receipts: list[Receipt] = field(default_factory=list)

    def poll(self, name: str, at: str, body: str) -> None:
        self.monkeypatch.setenv("CIVICLAKE_NOW", at)
        if self.receipts and self.receipts[-1].fetched_at.date() < datetime.fromisoformat(at).date():
            # as every night: without it each poll would read the small files of all polls before
            maintain(30)
        self.server.answer = lambda call: Reply(body.encode())
        feed_id, feed = f"dispatch__{name}", self.city.feeds[f"dispatch__{name}"]
        validator = self.receipts[-1].validator if self.receipts else None
        number = f"poll-{len(self.receipts):04}"
        place = fetch(feed_id, feed, number, cursor=None, validator=validator, time_zone=self.city.time_zone)
        check(place, feed_id, feed, self.city)
        load(place, feed_id, feed, run_id=number)
        self.receipts.append(Receipt.read(place))

    def say_live(self, folder: Path) -> None:
        """Declare the calls to be a board of what goes on now."""
        file = folder / "dispatch.yml"
        file.write_text(file.read_text().replace("contract: incident", "contract: incident\n    live: true"))
        self.city = read_city(str(folder))

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with connect() as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture
def office(tmp_path: Path, server: LittleServer, monkeypatch: pytest.MonkeyPatch) -> Office:
    (tmp_path / "city.yml").write_text(CITY)
    (tmp_path / "dispatch.yml").write_text(OFFICE % {"url": server.url})
    with connect() as connection:
        # the steps of a poll are too small to be shared
        connection.execute("SET GLOBAL threads = 1")
    return Office(read_city(str(tmp_path)), server, monkeypatch)


def recorded(file: Path, first: int = 0, most: int = 500) -> list[dict[str, str]]:
    with gzip.open(file, "rt") as lines:
        polls = [json.loads(line) for line in lines]
    return polls if len(polls) <= most else polls[first : first + most]


def instant(incident: dict[str, Any]) -> datetime:
    """Return when an incident began; after midnight the source writes the day before into the time."""
    if "/" in incident["time"]:
        return datetime.strptime(incident["time"], "%m/%d/%Y %I:%M:%S %p")
    return datetime.strptime(f"{incident['date']} {incident['time']}", "%Y-%m-%d %I:%M:%S %p")


def incidents(body: str) -> list[tuple[str, Any]]:
    return [(one["id"], {**one, "date": instant(one), "time": None}) for one in json.loads(body)]


def states(polls: list[dict[str, str]], records: Callable[[str], list[tuple[str, Any]]]) -> dict[str, list[Any]]:
    """Return the states of each record one after the other, as the polls show them."""
    seen: dict[str, list[Any]] = defaultdict(list)
    for poll in polls:
        for name, state in records(poll["body"]):
            if seen[name][-1:] != [state]:
                seen[name].append(state)
    return seen


def test_the_recording_is_what_it_is_said_to_be(public_data: Path) -> None:
    """Two incidents change in nothing but how their time is written: of them there is one state."""
    polls = recorded(public_data / CALLS)
    assert (len(polls), sum(json.loads(poll["body"]) == [] for poll in polls)) == (467, 17)
    written = states(polls, lambda body: [(one["id"], one) for one in json.loads(body)])
    assert (len(written), sum(len(found) > 1 for found in written.values())) == (1155, 256)
    assert sum(len(found) > 1 for found in states(polls, incidents).values()) == 254


def test_every_state_of_every_incident_is_kept_and_an_empty_poll_withdraws_nothing(
    public_data: Path, office: Office
) -> None:
    polls = recorded(public_data / CALLS, first=26, most=FEW)
    assert any(json.loads(poll["body"]) == [] for poll in polls)
    for poll in polls:
        office.poll("calls", poll["fetched_at"], poll["body"])
    seen = states(polls, incidents)
    assert max(map(len, seen.values())) > 1
    versions = office.ask("SELECT incident_id, count(*) FROM records.incident GROUP BY incident_id")
    assert dict(versions) == {name: len(found) for name, found in seen.items()}
    newest = office.ask(
        "SELECT incident_id, max_by(coalesce(description, ''), _loaded_at) FROM records.incident GROUP BY incident_id"
    )
    assert dict(newest) == {name: found[-1]["units"] for name, found in seen.items()}
    assert office.ask("SELECT count(*) FROM records.incident WHERE _op = 'D'") == [(0,)]
    assert office.ask("SELECT sum(received) - sum(accepted + unchanged + duplicate + set_aside) FROM ops.delivery") == [
        (0,)
    ]
    empty = sum(json.loads(poll["body"]) == [] for poll in polls)
    told = office.ask("SELECT count(DISTINCT delivery_id) FROM ops.finding WHERE rule = 'empty_answer'")
    assert told == [(empty,)]
    assert office.ask("SELECT count(*) FROM ops.delivery") == [(len(polls),)]


def many(polls: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return polls that follow on each other and, four hours apart, some more, of which one is empty; or all."""
    return polls if len(polls) <= MANY else [*polls[26 : 26 + MANY], *polls[135:279:12]]


@dataclass
class Board:
    """What the polls show of one incident: one that comes back is a version, though it be the same."""

    first: str
    last: str = ""
    versions: list[Any] = field(default_factory=list)
    corrections: int = 0
    is_shown: bool = False

    def show(self, at: str, state: Any) -> None:
        if not (self.is_shown and self.versions[-1] == state):
            self.corrections += self.is_shown
            self.versions.append(state)
        self.last, self.is_shown = at, True


def followed(polls: list[dict[str, str]]) -> dict[str, Board]:
    """Follow each incident by hand; an empty poll says nothing."""
    board: dict[str, Board] = {}
    for poll in polls:
        shown = dict(incidents(poll["body"]))
        for name, one in board.items():
            one.is_shown &= name in shown or not shown
        for name, state in shown.items():
            board.setdefault(name, Board(poll["fetched_at"])).show(poll["fetched_at"], state)
    return board


def windows(instants: list[str]) -> set[datetime]:
    """Return the beginnings of the windows of three hours in which these instants lie."""
    seconds = [datetime.fromisoformat(instant).timestamp() for instant in instants]
    return {datetime.fromtimestamp(second - second % 10_800, UTC) for second in seconds}


def test_a_board_is_known_from_its_first_to_its_last_poll_and_an_empty_poll_is_not_calm(
    public_data: Path, tmp_path: Path, lake_home: Path, office: Office
) -> None:
    office.say_live(tmp_path)
    polls = many(recorded(public_data / CALLS))
    for poll in polls:
        office.poll("calls", poll["fetched_at"], poll["body"])
    end = datetime.fromisoformat(polls[-1]["fetched_at"])
    sync_city(office.city, end)
    marts = ("hot_spots_hourly", "hot_spots_daily", "incident_changes")
    built = SmallLake(lake_home).dbt(
        "build", *NO_UNIT_TESTS, "--indirect-selection", "cautious", "--select", *(f"+{mart}" for mart in marts)
    )
    assert failed(built) == {}

    empty = {f"poll-{number:04}" for number, poll in enumerate(polls) if json.loads(poll["body"]) == []}
    assert empty
    assert office.ask("SELECT count(*), count(*) FILTER (verdict = 'accepted') FROM ops.delivery") == [
        (len(polls), len(polls))
    ]
    told = office.ask("SELECT DISTINCT delivery_id FROM ops.finding WHERE rule = 'empty_answer'")
    assert {delivery for (delivery,) in told} == empty

    board = followed(polls)
    assert max(one.corrections for one in board.values()) > 0
    versions = office.ask(
        """SELECT incident_id, list(coalesce(description, '') ORDER BY _loaded_at) FROM records.incident
        WHERE _op = 'U' GROUP BY incident_id"""
    )
    assert dict(versions) == {name: [state["units"] for state in one.versions] for name, one in board.items()}
    kept = office.ask(
        """SELECT incident_id, first_seen_at, last_seen_at, version_count, is_on_board FROM marts.emergency_incidents"""
    )
    assert {row[0]: row[1:] for row in kept} == {
        name: (datetime.fromisoformat(one.first), datetime.fromisoformat(one.last), len(one.versions), one.is_shown)
        for name, one in board.items()
    }
    assert len(kept) == len(board)
    assert office.ask("SELECT count(*) FROM marts.incident_changes WHERE status = 'corrected'") == [
        (sum(one.corrections for one in board.values()),)
    ]
    telling = windows([poll["fetched_at"] for poll in polls if json.loads(poll["body"])])
    over = {start for start in telling if start + timedelta(hours=3) <= end}
    measured = """SELECT DISTINCT window_start_at FROM marts.hot_spots_hourly
        WHERE category = 'all' AND {} AND kind = 'incident'"""
    assert {start.astimezone(UTC) for (start,) in office.ask(measured.format("is_measured"))} == over
    # in the whole recording an empty poll is nowhere alone in its window
    assert windows([poll["fetched_at"] for poll in polls]) - telling or len(polls) <= MANY
    assert office.ask(measured.format("NOT is_measured AND is_exceeded IS FALSE")) == []


def items(body: str) -> list[tuple[str, Any]]:
    entries = feedparser.parse(io.BytesIO(body.encode())).entries
    return [
        (entry.get("id") or entry["link"], tuple(entry.get(name) for name in ("title", "published", "summary", "link")))
        for entry in entries
    ]


def test_every_edition_of_a_city_halls_news_is_kept(public_data: Path, office: Office) -> None:
    polls = recorded(public_data / "protocol_samples/rss/maringa_rss_history_to_2025-07-31.jsonl.gz", most=FEW)
    for poll in polls:
        office.poll("news", poll["fetched_at"], poll["body"])
    seen = states(polls, items)
    kept = dict(office.ask("SELECT item_id, count(*) FROM records.opinion_item GROUP BY item_id"))
    aside = {name for (name,) in office.ask("SELECT DISTINCT record_key FROM ops.set_aside")}
    assert set(kept) | aside == set(seen)
    assert {name: kept[name] for name in set(kept) - aside} == {
        name: len(found) for name, found in seen.items() if name not in aside
    }
    assert office.ask("SELECT sum(received) - sum(accepted + unchanged + duplicate + set_aside) FROM ops.delivery") == [
        (0,)
    ]
