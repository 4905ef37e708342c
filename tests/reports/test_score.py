from __future__ import annotations

import csv
from collections import defaultdict
from datetime import timedelta

import pytest

from reports.score import band, rounded
from tests.reports.morning import TODAY, Morning


def test_the_city_score_can_be_worked_out_again_from_the_published_table(morning: Morning) -> None:
    morning.worse("police__incidents", "accurate", 512)
    morning.missing("police__calls", 2)
    morning.unmeasured("permits__permits", "accurate", "unique")
    site = morning.publish()
    feeds: dict[tuple[str, str, int], list[float]] = defaultdict(list)
    for row in csv.DictReader((site / "scores.csv").open(encoding="utf-8")):
        if row["checked"]:
            score = 100 * int(row["passed"]) / int(row["checked"])
            feeds[row["department"], row["feed"], int(row["matters"])].append(score)
    departments: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for (department, _, matters), scores in feeds.items():
        departments[department].append((sum(scores) / len(scores), matters))
    means = {
        name: (sum(score * matters for score, matters in rows) / sum(matters for _, matters in rows), len(rows))
        for name, rows in departments.items()
    }
    city = sum(score * count for score, count in means.values()) / sum(count for _, count in means.values())
    report = morning.report()
    assert report["score"]["city"]["value"] == rounded(city)
    assert {one["slug"]: one["score"] for one in report["departments"]} == {
        name: rounded(score) for name, (score, _) in means.items()
    }


def test_a_dimension_that_nobody_measures_is_blank_and_not_100(morning: Morning) -> None:
    morning.unmeasured("permits__permits", "accurate")
    permits = next(one for one in morning.report()["departments"] if one["slug"] == "permits")
    accurate = permits["dims"]["accurate"]
    assert (accurate["score"], accurate["checked"]) == (None, None)
    assert accurate["null_reason"]["en"] == "No check measures this yet."


@pytest.mark.parametrize(
    ("score", "expected"),
    [(100, "good"), (95, "good"), (94.99, "care"), (85, "care"), (84.99, "act"), (0, "act"), (None, "unknown")],
)
def test_bands_begin_where_the_page_says(score: float | None, expected: str) -> None:
    assert band(score) == expected


def test_a_shown_score_never_reaches_a_band_that_was_not_reached() -> None:
    assert rounded(94.99) == 94.9
    assert rounded(99.96) == 99.9
    assert rounded(95.0) == 95.0


def test_a_missing_critical_feed_forces_act_now_whatever_the_score(morning: Morning) -> None:
    morning.missing("streets__requests")
    streets = next(one for one in morning.report()["departments"] if one["slug"] == "streets")
    assert streets["score"] > 95
    assert streets["band"] == "act"


def test_a_missing_feed_that_a_view_uses_forces_needs_care(morning: Morning) -> None:
    morning.missing("permits__permits")
    permits = next(one for one in morning.report()["departments"] if one["slug"] == "permits")
    assert permits["band"] == "care"
    assert morning.report()["score"]["city"]["band"] == "care"


def test_a_missing_feed_keeps_its_last_measures_and_says_from_which_day(morning: Morning) -> None:
    morning.missing("permits__permits", 2)
    permits = next(one for one in morning.report()["departments"] if one["slug"] == "permits")
    assert permits["dims"]["valid"]["as_of"] == (TODAY - timedelta(days=2)).isoformat()
    assert permits["dims"]["on_time"]["as_of"] == TODAY.isoformat()


def test_the_steepest_fall_is_explained_by_the_feed_that_was_missing(morning: Morning) -> None:
    morning.missing("permits__permits")
    morning.worse("permits__permits", "valid", 300)
    events = morning.report()["score"]["city"]["events"]
    assert [event["text"]["en"] for event in events] == ["Permits missing"]
