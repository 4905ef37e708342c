from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from reports.site import read_published
from tests.reports.morning import CANARIES, Morning

TODAY, YESTERDAY = "20261123T114200Z", "20261122T114200Z"


def page(site: Path, place: str) -> str:
    return (site / place).read_text(encoding="utf-8")


def test_a_run_tells_its_feeds_and_they_add_up(morning: Morning) -> None:
    morning.set_aside("police__calls", "unknown_area", "area_code", 14, "Z9", "consistent")
    morning.missing("permits__permits")
    site = morning.publish()
    report = read_published(morning.out)
    assert report is not None
    shown = page(site, f"en/runs/{TODAY}.html")
    for name in ("records_in", "records_loaded", "records_set_aside"):
        assert f"<strong>{sum(feed[name] for feed in report['feeds']):,}</strong>" in shown
    assert {one["feed"] for one in report["run"]["deliveries"]} == set(morning.city.feeds) - {"permits__permits"}
    assert not [canary for canary in CANARIES if canary in shown]


def test_the_steps_are_what_was_collected_and_the_build(morning: Morning) -> None:
    steps = morning.report()["run"]["steps"]
    assert [(step["step"], step["status"]) for step in steps] == [("collect", "ok"), ("build", "ok")]
    assert steps[0]["started_at"] <= steps[0]["finished_at"] <= steps[1]["started_at"]


def test_the_checksums_are_those_of_the_files(morning: Morning) -> None:
    site = morning.publish()
    for folder in (site, site / "runs" / TODAY):
        shown = page(folder, f"zh/runs/{TODAY}.html")
        for name in ("report.json", "scores.csv"):
            assert hashlib.sha256((folder / name).read_bytes()).hexdigest() in shown


def test_the_ledger_leads_to_this_run_and_to_the_kept_page_of_the_one_before(morning: Morning) -> None:
    today, morning.run_id = morning.run_id, YESTERDAY
    morning.publish()
    morning.run_id, morning.builds = today, [(YESTERDAY, 1)]
    site = morning.publish()
    found = re.findall(r'href="([^"]*Z\.html)"', page(site, "en/runs/index.html"))
    assert found == [f"{TODAY}.html", f"../../runs/{YESTERDAY}/en/runs/{YESTERDAY}.html"]
    assert all((site / "en" / "runs" / place).resolve().is_file() for place in found)


def test_airflow_is_named_where_it_has_an_address_and_nowhere_else(morning: Morning) -> None:
    assert "Open the run" not in page(morning.publish(), f"en/runs/{TODAY}.html")
    morning.address = "http://127.0.0.1:8080/dags/build/runs/one"
    assert f'<a href="{morning.address}">Open the run</a>' in page(morning.publish(), f"en/runs/{TODAY}.html")


def test_the_command_asks_for_this_day_and_no_other(morning: Morning) -> None:
    command = "civiclake run --from 2026-11-23T00:00:00-06:00 --to 2026-11-24T00:00:00-06:00"
    assert command in page(morning.publish(), f"en/runs/{TODAY}.html")
    assert json.loads(page(morning.out, "report.json"))["run"]["dag_run_url"] is None
