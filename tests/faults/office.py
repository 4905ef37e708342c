"""A data office with one department, whose runs are done step by step as Airflow's tasks do them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from cities import City, read_city
from dags import steps
from dags.steps import delivery_id_of
from extractors import Delivery
from lake import connect
from tests.faults.department import Department

REQUESTS, POSTS, INSPECTIONS = "streets__requests", "streets__posts", "streets__inspections"
BY_CURSOR = {"start": None, "end": None, "full_refresh": False}
MORNING = datetime.fromisoformat("2026-10-26T06:32:00-05:00")
CITY = """\
title: {en: Testville, zh: 测试市}
time_zone: America/Chicago
areas: {kind: {en: district}, codes: ["1", "2"]}
contact: {name: Data Office, email: data@city.example}
"""
STREETS = """\
title: {en: Streets}
steward: s@city.example
schedule: "0 5 * * *"
legal_basis: law
feeds:
  requests:
    title: {en: Requests}
    contract: service_request
    system: socrata
    url: %(url)s/resource/requests.json
    cursor: changed
    page_size: 20
    due: "06:30"
    fields: {request_id: id, requested_at: opened, updated_at: changed, status: status, service_code: kind,
      area_code: area, requester_phone: phone}
  posts:
    title: {en: Lamp posts}
    contract: lamp_post
    system: json
    url: %(url)s/posts.json
    due: "06:30"
    snapshot: true
    fields: {lamp_post_id: id, name: name, is_base_station: base, latitude: lat, longitude: lon}
  inspections:
    title: {en: Inspections}
    contract: inspection
    system: folder
    url: file:drops
    glob: "*.csv"
    format: csv
    due: "06:30"
    fields: {inspection_id: id, inspection_date: day, result: outcome}
"""


def morning(day: int) -> datetime:
    """Return the instant of a day's run."""
    return MORNING + timedelta(days=day)


@dataclass(frozen=True)
class Office:
    """A home, a city and its only department."""

    home: Path
    folder: Path
    department: Department

    @classmethod
    def opened(cls, folder: Path, department: Department) -> Office:
        """Write the city's files under a folder and give the office a home beside them."""
        (folder / "city").mkdir()
        (folder / "city" / "city.yml").write_text(CITY)
        (folder / "city" / "streets.yml").write_text(STREETS % {"url": department.server.url})
        (folder / "home" / "drops").mkdir(parents=True)
        return cls(folder / "home", folder, department)

    def environment(self, instant: datetime) -> dict[str, str]:
        """What the office's processes are told; settings of the lake's place come from the test's own environment."""
        lake = {name: value for name, value in os.environ.items() if name.startswith("CIVICLAKE_")}
        return lake | {
            "CIVICLAKE_HOME": str(self.home),
            "CIVICLAKE_CITY": str(self.folder / "city"),
            "CIVICLAKE_NOW": instant.isoformat(),
            "no_proxy": "127.0.0.1",
        }

    @property
    def city(self) -> City:
        """The city as its files have it."""
        return read_city(str(self.folder / "city"))

    @contextmanager
    def at(self, instant: datetime) -> Iterator[None]:
        """Let this process be the office's, at an instant."""
        with patch.dict(os.environ, self.environment(instant)):
            yield

    def bring(self, feed_id: str, day: int, run_id: str = "run", **more: Any) -> dict[str, Any]:
        """Fetch, check and load a feed for a day's run; returns what the load did."""
        instant = morning(day)
        with self.at(more.get("clock", instant)):
            place = steps.fetch_feed(feed_id, instant, run_id, {**BY_CURSOR, **more.get("window", {})})
            return steps.load_feed(feed_id, steps.check_feed(feed_id, place, run_id), run_id)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the lake."""
        with self.at(MORNING), connect() as connection:
            return connection.execute(sql).fetchall()

    def place(self, feed_id: str, day: int) -> Path:
        """Return where a day's delivery lies."""
        return self.home / "deliveries" / feed_id / delivery_id_of(morning(day))

    def pages(self, feed_id: str, day: int) -> list[Path]:
        """Return the kept pages of a day's delivery."""
        return Delivery.read(self.place(feed_id, day)).pages
