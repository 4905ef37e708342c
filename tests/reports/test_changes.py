from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from cities import read_city
from tests.reports.morning import TODAY, Morning


def changes(morning: Morning, kind: str) -> list[dict[str, Any]]:
    return [change for change in morning.report()["changes"] if change["kind"] == kind]


def test_a_quiet_month_has_no_change(morning: Morning) -> None:
    assert morning.report()["changes"] == []


def test_a_new_column_is_told_on_the_day_it_came_and_not_again(morning: Morning) -> None:
    for back in range(3):
        morning.deliveries["police__calls", TODAY - timedelta(days=back)]["layout_added"] = '["crew"]'
    (found,) = changes(morning, "layout")
    assert (found["day"], found["feed"]) == ((TODAY - timedelta(days=2)).isoformat(), "police__calls")
    assert found["layout"] == {"added": ["crew"], "removed": [], "renamed": []}


def test_rules_that_changed_are_told_with_both_versions(morning: Morning) -> None:
    morning.deliveries["police__calls", TODAY]["contract_version"] = "2.0"
    (found,) = changes(morning, "rule")
    assert found["text"]["en"] == "Rules of version 2.0; before, of version 1.0."


def test_a_refusal_is_told_once_however_long_it_lasts(morning: Morning) -> None:
    morning.refuse("permits__permits", "layout_removed", [["addr", "site"]], days=3)
    (found,) = changes(morning, "refused")
    assert found["day"] == (TODAY - timedelta(days=2)).isoformat()


def test_a_day_with_far_more_records_than_usual_is_told(morning: Morning) -> None:
    day = TODAY - timedelta(days=4)
    morning.quality["police__calls", day]["received"] = 2500
    (found,) = changes(morning, "volume")
    assert (found["day"], found["text"]["en"]) == (day.isoformat(), "2,500 records, 150% more than usual.")


def test_who_is_in_charge_is_held_against_the_report_before_and_kept(morning: Morning) -> None:
    morning.publish()
    place = morning.folder / "riverbend" / "police.yml"
    place.write_text(place.read_text().replace("police-data@", "new-steward@"))
    morning.city = read_city(str(place.parent))
    (found,) = changes(morning, "people")
    assert found["text"]["en"].startswith("new-steward@riverbend.example now answers for it; before, police-data@")
    morning.publish()
    assert changes(morning, "people") == [found], "the day after, the report before is where it stands"
    (morning.out / "report.json").write_text(json.dumps(_aged(morning.out, 31)), encoding="utf-8")
    assert changes(morning, "people") == []


def test_the_page_names_what_changed_in_the_senders_words(morning: Morning) -> None:
    morning.deliveries["police__calls", TODAY]["layout_renamed"] = '[["<i>was", "now"]]'
    for language, said in (("en", "is now"), ("zh", "现为")):
        html = (morning.publish() / language / "changes.html").read_text(encoding="utf-8")
        assert f"<code>&lt;i&gt;was</code> {said} <code>now</code>" in html


def _aged(out: Path, days: int) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((out / "report.json").read_text(encoding="utf-8"))
    for change in report["changes"]:
        change["day"] = (TODAY - timedelta(days=days)).isoformat()
    return report
