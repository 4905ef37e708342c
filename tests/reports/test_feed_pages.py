from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from contracts import all_contracts
from reports.pages.feeds import FeedPage, FeedsPage
from reports.render import render
from reports.words import TEXTS
from tests.reports.busy_morning import busy_morning
from tests.reports.morning import TODAY, Morning


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return busy_morning(tmp_path_factory.mktemp("busy")).report()


def entry(report: dict[str, Any], slug: str) -> dict[str, Any]:
    return next(feed for feed in report["feeds"] if feed["slug"] == slug)


def test_a_feed_says_what_it_is_and_how_long_it_is_kept(report: dict[str, Any]) -> None:
    about = dict(FeedPage(report, "en", "permits__permits").description)
    assert about["Records"] == "One record for each permit that was applied for."
    assert about["Legal basis"] == "Municipal Code 2-100"
    assert about["Sensitivity"].startswith("Personal")
    assert about["Kept for"] == "Records for 30 years, the files as they came for 30 days."


def test_every_kind_of_record_is_told_in_words() -> None:
    assert set(TEXTS["kind"]) == {contract.name for contract in all_contracts()}


def test_the_calendar_has_a_cell_for_each_day_and_ends_today(report: dict[str, Any]) -> None:
    weeks = list(FeedPage(report, "en", "streets__requests").weeks)
    cells = [cell for _, week in weeks for cell in week if cell]
    assert len(cells) == 30
    assert weeks[0][0] == "23 Nov"
    assert weeks[0][1][0] == ("m", "■", "missing")
    assert weeks[0][1][1:] == [None] * 6, "days to come are no days of the calendar"
    assert [cell[2] for cell in cells].count("missing") == 2


def test_the_calendar_reaches_back_90_days_at_most(morning: Morning) -> None:
    longer = Morning(morning.folder / "longer", days=120)
    calendar = entry(longer.report(), "police__calls")["calendar"]
    assert calendar["first_day"] == (TODAY - timedelta(days=89)).isoformat()
    assert len(calendar["arrivals"]) == len(calendar["records"]) == 90


def test_the_usual_range_is_where_eight_of_ten_deliveries_lay(morning: Morning) -> None:
    for back in range(1, 29):
        morning.quality["police__calls", TODAY - timedelta(days=back)]["received"] = 1000 + back * 10
    morning.quality["police__calls", TODAY]["received"] = 5000
    report = morning.report()
    usual = entry(report, "police__calls")["usual_records"]
    earlier = [1000 + back * 10 for back in range(1, 29)]
    inside = [count for count in earlier if usual["least"] <= count <= usual["most"]]
    assert 0.75 <= len(inside) / len(earlier) <= 0.85
    sentence = FeedPage(report, "en", "police__calls").volume_sentence
    assert f"Last: 5,000; usual: {usual['least']:,} to {usual['most']:,}." in sentence


def test_too_few_deliveries_draw_no_line(morning: Morning) -> None:
    young = Morning(morning.folder / "young", days=1)
    page = FeedPage(young.report(), "en", "police__calls")
    assert page.volume_chart is None
    assert "Too few deliveries came to draw a line." in render(page)


def test_rules_are_told_with_since_when_and_how_often_they_are_broken(report: dict[str, Any]) -> None:
    rules = {rule["rule"]: rule for rule in FeedPage(report, "en", "police__calls").rules}
    assert rules["unknown_area"]["failed"] == 14
    assert rules["blank"]["since"] == (TODAY - timedelta(days=29)).isoformat()
    assert rules["row_count"]["fields"] == []
    assert next(iter(rules)) == "unknown_area", "the rule that is broken comes first"


def test_what_was_found_on_another_day_says_so(report: dict[str, Any]) -> None:
    assert FeedPage(report, "en", "police__calls").found_head == "Found today"
    assert FeedPage(report, "en", "streets__requests").found_head == "Found on 21 November"


def test_days_with_one_and_the_same_change_of_layout_are_one_entry(report: dict[str, Any]) -> None:
    ((when, said, fate),) = FeedPage(report, "en", "permits__permits").layouts
    assert when == "21 November to 23 November"
    assert "<code>&lt;i&gt;fee</code> is now <code>fee_due</code>" in said
    assert fate == "The delivery was not loaded."


def test_a_feed_that_came_and_was_not_loaded_is_not_shown_as_good(report: dict[str, Any]) -> None:
    html = render(FeedPage(report, "en", "permits__permits"))
    assert "■ on time, not loaded" in html
    assert entry(report, "permits__permits")["refused_since"] == "2026-11-21"


def test_the_index_has_every_feed_those_that_did_not_come_first(report: dict[str, Any]) -> None:
    page = FeedsPage(report, "en")
    assert {feed["slug"] for feed in page.sorted_feeds[:2]} == {"streets__requests", "permits__permits"}
    assert len(page.sorted_feeds) == len(report["feeds"])


def test_a_feed_that_never_came_has_a_page_in_both_languages(morning: Morning) -> None:
    for key in [key for key in morning.quality if key[0] == "police__calls"]:
        del morning.quality[key], morning.deliveries[key]
    report = json.loads(json.dumps(morning.report()))
    for language, said in {"en": "Nothing is known of this feed yet.", "zh": "尚无该来源的任何情况。"}.items():
        assert said in render(FeedPage(report, language, "police__calls"))
