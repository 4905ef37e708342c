from __future__ import annotations

from datetime import date
from typing import Any

from tests.reports.morning import TODAY, Morning


def by_id(report: dict[str, Any]) -> dict[str, Any]:
    return {gap["id"]: gap for gap in report["gaps"]}


def test_a_feed_that_never_came_is_told_as_such(morning: Morning) -> None:
    morning.missing("police__calls", morning.days)
    gap = by_id(morning.report())["not_connected.police__calls"]
    assert gap["text"]["en"] == "Emergency calls (Police) has never arrived."
    assert gap["text"]["zh"] == "紧急呼叫（警务）从未到达。"


def test_days_without_a_delivery_are_counted(morning: Morning) -> None:
    morning.missing("police__calls", 3)
    assert by_id(morning.report())["days_missing.police__calls"]["text"]["en"] == (
        "Emergency calls did not come on 3 of the last 14 days."
    )


def test_a_dimension_without_a_check_is_a_gap(morning: Morning) -> None:
    morning.unmeasured("permits__permits", "accurate")
    morning.unmeasured("streets__requests", "accurate")
    assert by_id(morning.report())["not_measured.accurate"]["text"]["en"] == (
        "Nobody measures “Accurate” for Building Permits and Streets yet."
    )


def test_areas_without_records_are_named(morning: Morning) -> None:
    morning.areas = ("1",)
    assert by_id(morning.report())["area_missing.service_levels_daily"]["text"]["en"] == (
        "“Service levels” has no records in 2 of 3 areas (Quayside and Hillside)."
    )


def test_areas_whose_lamp_posts_say_nothing_are_named(morning: Morning) -> None:
    assert by_id(morning.report())["area_missing.sensors"]["text"]["en"] == (
        "No sensor readings from 1 of 2 areas with lamp posts (Quayside)."
    )


def test_a_gap_is_new_on_its_first_day_only(morning: Morning) -> None:
    morning.publish()
    assert by_id(morning.report())["area_missing.sensors"]["is_new"]
    report = morning.out / "report.json"
    report.write_text(report.read_text().replace('"since": "2026-11-23"', '"since": "2026-11-20"'))
    gap = by_id(morning.report())["area_missing.sensors"]
    assert (gap["since"], gap["is_new"]) == ("2026-11-20", False)


OWED = {
    "action_key": "never_connected.police__radio", "cause": "gap", "feed": "police__radio", "department": "police",
    "owner": "police-data@riverbend.example", "subject": "field_blank", "detail": "closed_at",
    "since_date": date(2026, 11, 2), "due_date": date(2026, 11, 27), "severity": "high", "state": "open",
    "accepted_at": None,
}  # fmt: skip


def test_a_field_that_stays_blank_is_a_gap_with_its_owner_and_plan(morning: Morning) -> None:
    morning.tasks = [{**OWED, "action_key": "field_blank.police__calls", "feed": "police__calls"}]
    gap = by_id(morning.report())["field_blank.police__calls"]
    assert gap["text"]["en"] == "Emergency calls leaves closed_at blank since 2 November."
    assert (gap["kind"], gap["owner"], gap["plan_date"]) == ("field_blank", OWED["owner"], "2026-11-27")


def test_a_feed_that_does_not_come_is_planned_for_the_day_of_its_action(morning: Morning) -> None:
    morning.missing("police__calls", 3)
    gaps = by_id(morning.report())
    assert gaps["days_missing.police__calls"]["plan_date"] == TODAY.isoformat()
    assert gaps["area_missing.sensors"]["plan_date"] is None


def test_the_page_tells_each_gap_its_owner_and_that_nobody_set_a_date(morning: Morning) -> None:
    overdue = {"due_date": date(2026, 11, 20)}
    morning.tasks = [{**OWED, "action_key": "field_blank.police__calls", "feed": "police__calls", **overdue}]
    html = (morning.publish() / "en" / "gaps.html").read_text(encoding="utf-8")
    assert "Emergency calls leaves closed_at blank since 2 November." in html
    assert "▲ was due 20 November" in html and "no date yet" in html
    assert 'href="mailto:police-data@riverbend.example"' in html
    zh = (morning.out / "zh" / "gaps.html").read_text(encoding="utf-8")
    assert "尚无期限" in zh and "2 November" not in zh
