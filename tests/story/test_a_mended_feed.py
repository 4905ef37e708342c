"""A code that nobody had agreed on: its records wait, and once it is, everything is as if it had always been."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from cities.home import PROJECT
from tests.story.office import Office

STREETS = """\
title: {en: Streets}
steward: streets-data@riverbend.example
schedule: "0 5 * * *"
legal_basis: Municipal Code 2-100
feeds:
  requests:
    title: {en: Street requests}
    contract: service_request
    system: folder
    url: file:drops
    glob: "*.json"
    format: json
    due: "06:30"
    fields:
      request_id: number
      requested_at: opened
      closed_at: closed
      status: {from: state, values: {NEW: open, DONE: closed%s}}
      service_code: kind
      service_name: kind
      area_code: district
"""
WITH_THE_CODE = ", DUP: cancelled"
EVENTS = """SELECT * EXCLUDE (delivery_id, loaded_at)
    REPLACE (date_trunc('second', happened_at) AS happened_at) FROM marts.service_request_events ORDER BY ALL"""
"""A replay is loaded a microsecond after what it replays; a change that no department dates happened when it came."""



@dataclass(frozen=True)
class Bureau(Office):
    """An office of one department, at one instant."""

    @property
    def city(self) -> Path:
        return self.home / "city"

    @property
    def environment(self) -> dict[str, str]:
        settings = {"CIVICLAKE_CITY": str(self.city), "CIVICLAKE_NOW": "2026-10-26T11:42:00+00:00"}
        return super().environment | settings

    def agree(self, codes: str) -> None:
        (self.city / "streets.yml").write_text(STREETS % codes)


@pytest.fixture
def bureaus(tmp_path: Path) -> list[Bureau]:
    """Two offices to which the same records are sent."""
    bureaus = [Bureau(tmp_path / name) for name in ("mended", "from_the_start")]
    for bureau in bureaus:
        bureau.city.mkdir(parents=True)
        (bureau.home / "drops").mkdir()
        shutil.copy(PROJECT / "cities" / "sandbox" / "city.yml", bureau.city)
        (bureau.home / "drops" / "requests.json").write_text(json.dumps([
            {"number": f"S{number}", "opened": f"2026-10-{number % 20 + 1:02}T08:00:00-05:00",
             "closed": f"2026-10-{number % 20 + 3:02}T08:00:00-05:00" if number % 3 == 1 else None,
             "state": ["NEW", "DONE", "DUP"][number % 3], "kind": "pothole", "district": f"D0{number % 5 + 1}"}
            for number in range(60)
        ]))  # fmt: skip
    return bureaus


def test_a_mended_city_has_the_marts_of_one_that_was_right_from_the_start(bureaus: list[Bureau]) -> None:
    mended, right = bureaus
    mended.agree("")
    right.agree(WITH_THE_CODE)
    first = mended.do("run")
    assert "40 accepted, 20 set aside" in first.stderr
    assert right.do("run").returncode == 0
    assert mended.marts() != right.marts()

    told = mended.do("status", "streets__requests")
    assert "set aside and waiting: 20; when what is wrong is mended: civiclake replay streets__requests" in told.stderr
    mended.agree(WITH_THE_CODE)
    replay = mended.do("replay", "streets__requests")
    assert replay.returncode == 0, replay.stderr
    assert "streets__requests: load done: 20 accepted" in replay.stderr

    of_mended, of_right = mended.marts(), right.marts()
    quality = of_mended.pop("data_quality_daily"), of_right.pop("data_quality_daily")
    events = [bureau.ask(EVENTS) for bureau in bureaus]
    assert events[0] == events[1]
    lineage = of_mended.pop("service_request_events"), of_right.pop("service_request_events")
    assert lineage[0] != lineage[1], "an event names the delivery that told it, a replay where it was one"
    assert of_mended == of_right
    assert quality[0] != quality[1], "what was sent that day is told as it was sent"
    columns = "received, set_aside, set_aside_open, set_aside_replayed"
    assert mended.ask(f"SELECT {columns} FROM marts.data_quality_daily WHERE received > 0") == [(60, 20, 0, 20)]
    feed = mended.report["feeds"][0]
    assert (feed["records_in"], feed["records_loaded"], feed["records_set_aside"]) == (60, 60, 0)
    assert mended.report["set_aside"] == []
    assert {action["status"] for action in mended.report["actions"] if action["cause"] == "rule"} == {"done"}
