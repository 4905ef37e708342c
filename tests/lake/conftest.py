"""A small office: feeds that drop JSON files into a folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from cities import City, read_city
from contracts import check
from extractors import fetch
from lake import Loaded, connect, load
from lake.replay import Plan, plan, waive
from tests.postgresql import new_database

CITY = """\
title: {en: Testville, zh: 测试市}
time_zone: America/Chicago
areas: {kind: {en: district}, codes: ["1", "2"]}
contact: {name: Data Office, email: data@city.example}
"""
FEED = """
  %(name)s:
    title: {en: Requests}
    contract: %(contract)s
    system: folder
    url: file://%(drop)s
    glob: %(name)s.json
    settle: 0
    format: json
    due: "06:30"
    snapshot: %(snapshot)s
    fields: {%(fields)s}
"""
REQUEST = (
    "request_id: id, requested_at: opened, updated_at: changed, status: status, service_code: kind,"
    " area_code: area, requester_phone: phone"
)
POST = "lamp_post_id: id, name: name, is_base_station: base, latitude: lat, longitude: lon"


@pytest.fixture(params=["sqlite", "postgresql"])
def catalogue(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Let the lake have a catalogue of each kind; yields the address of a shared one, else nothing."""
    if request.param == "sqlite":
        yield ""
        return
    with new_database() as address:
        monkeypatch.setenv("CIVICLAKE_CATALOGUE", address)
        yield address


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, catalogue: str) -> Office:
    return Office(tmp_path, monkeypatch)


class Office:
    """Drops records, and fetches, checks and loads them at an instant."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.monkeypatch = folder, monkeypatch
        (folder / "city").mkdir()
        (folder / "drop").mkdir()
        (folder / "city" / "city.yml").write_text(CITY)
        feeds = [
            ("requests", "service_request", REQUEST, "false"),
            ("other_requests", "service_request", REQUEST, "false"),
            ("posts", "lamp_post", POST, "true"),
        ]
        (folder / "city" / "streets.yml").write_text(
            'title: {en: Streets}\nsteward: s@city.example\nschedule: "0 5 * * *"\nlegal_basis: law\nfeeds:'
            + "".join(
                FEED % {"name": n, "contract": c, "fields": f, "snapshot": s, "drop": folder / "drop"}
                for n, c, f, s in feeds
            )
        )
        self.city: City = read_city(str(folder / "city"))

    def mend(self, file: str, old: str, new: str) -> None:
        """Change what a city file says."""
        place = self.folder / "city" / f"{file}.yml"
        assert old in place.read_text()
        place.write_text(place.read_text().replace(old, new))
        self.city = read_city(str(self.folder / "city"))

    def at(self, instant: str) -> None:
        self.monkeypatch.setenv("CIVICLAKE_NOW", instant)

    def drop(self, name: str, records: list[dict[str, Any]]) -> None:
        (self.folder / "drop" / f"{name}.json").write_text(json.dumps(records))

    def keep(self, name: str, delivery_id: str) -> Path:
        """Fetch and check what lies in the folder."""
        feed_id = f"streets__{name}"
        feed = self.city.feeds[feed_id]
        place = fetch(feed_id, feed, delivery_id, cursor=None, time_zone=self.city.time_zone)
        check(place, feed_id, feed, self.city)
        return place

    def deliver(self, name: str, delivery_id: str, records: list[dict[str, Any]]) -> Loaded:
        self.drop(name, records)
        return self.load(name, self.keep(name, delivery_id))

    def plan(self, name: str, delivery_id: str | None = None, accepted: Sequence[str] = ()) -> Plan:
        """Plan the replays of a feed."""
        return plan(self.city, [f"streets__{name}"], delivery_id, accepted)

    def keep_replays(self, name: str, delivery_id: str | None = None, accepted: Sequence[str] = ()) -> list[Path]:
        """Keep and check the replays of a feed."""
        feed_id, waived = f"streets__{name}", waive(accepted, "asked the department", "tester")
        places = [replay.keep(self.city, waived) for replay in self.plan(name, delivery_id, accepted).replays]
        for place in places:
            check(place, feed_id, self.city.feeds[feed_id], self.city)
        return places

    def load(self, name: str, place: Path) -> Loaded:
        return load(place, f"streets__{name}", self.city.feeds[f"streets__{name}"], run_id="test")

    def replay(self, name: str, delivery_id: str | None = None, accepted: Sequence[str] = ()) -> list[Loaded]:
        """Replay what waits of a feed."""
        return [self.load(name, place) for place in self.keep_replays(name, delivery_id, accepted)]

    def events(self) -> list[tuple[Any, ...]]:
        """Return what closed the set-aside records."""
        return self.ask("SELECT delivery_id, rec, event, by_delivery_id FROM ops.set_aside_event ORDER BY ALL")

    def open(self) -> list[tuple[Any, ...]]:
        """Return the set-aside records that no event has closed, told in both ways that the lake tells it."""
        waiting = self.ask("SELECT feed, delivery_id, rec, record_key FROM ops.set_aside_open ORDER BY ALL")
        assert waiting == self.ask(
            """SELECT feed, delivery_id, rec, record_key FROM ops.set_aside
            ANTI JOIN ops.set_aside_event USING (feed, delivery_id, rec) ORDER BY ALL"""
        )
        return [row[1:] for row in waiting]

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with connect() as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture
def request_record() -> Callable[..., dict[str, Any]]:
    def record(number: int, **changes: Any) -> dict[str, Any]:
        return {
            "id": f"R{number}", "opened": "2026-10-20T08:00:00-05:00", "changed": "2026-10-20T08:00:00-05:00",
            "status": "open", "kind": "pothole", "area": "1", "phone": "+1 312 555 0100", **changes,
        }  # fmt: skip

    return record


@pytest.fixture
def post_record() -> Callable[..., dict[str, Any]]:
    def record(number: int, **changes: Any) -> dict[str, Any]:
        return {"id": f"L{number}", "name": f"post {number}", "base": "false", "lat": "41.1", "lon": "-87.1", **changes}

    return record
