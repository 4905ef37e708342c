from __future__ import annotations

from typing import Any

from tests.reports.morning import Morning


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
