from __future__ import annotations

import re

from reports.expected import expected_words
from tests.reports.morning import Morning


def spoil(morning: Morning) -> None:
    morning.set_aside("police__incidents", "blank", "category", 31, None, "complete")
    morning.set_aside("police__incidents", "in_the_future", "occurred_at", 18, "2062-11-21", "accurate")
    morning.set_aside("police__calls", "unknown_area", "area_code", 4, "Z9", "consistent")


def test_reasons_sum_to_the_total_that_was_set_aside(morning: Morning) -> None:
    spoil(morning)
    report = morning.report()
    assert sum(reason["count"] for reason in report["set_aside"]) == 53
    assert sum(feed["records_set_aside"] for feed in report["feeds"]) == 53


def test_records_that_no_reason_explains_are_a_reason_of_their_own(morning: Morning) -> None:
    spoil(morning)
    morning.asides = morning.asides[:-3]
    reasons = morning.report()["set_aside"]
    assert {(one["feed"], one["reason_id"], one["count"]) for one in reasons if one["reason_id"] == "no_reason"} == {
        ("police__calls", "no_reason", 3)
    }


def test_a_record_with_several_reasons_is_counted_once(morning: Morning) -> None:
    morning.set_aside("police__calls", "unknown_area", "area_code", 4, "Z9", "consistent")
    assert [one["count"] for one in morning.report()["set_aside"]] == [4]


def test_an_example_shows_what_was_sent_and_what_was_expected_in_both_languages(morning: Morning) -> None:
    spoil(morning)
    by_rule = {one["reason_id"]: one["example_masked"] for one in morning.report()["set_aside"]}
    assert by_rule["unknown_area"] == {
        "field": "sent_area_code",
        "sent": "Z9",
        "expected": {"en": "one of the city’s 3 areas", "zh": "本市 3 个区域之一"},
    }
    assert by_rule["blank"]["expected"] == {"en": "a value", "zh": "有值"}


def test_the_page_says_blank_where_nothing_was_sent_and_hidden_where_it_may_not_be_shown(morning: Morning) -> None:
    spoil(morning)
    morning.set_aside("streets__requests", "unreadable", "requester_phone", 2, None, "valid")
    page = (morning.publish() / "en" / "index.html").read_text()
    assert re.findall(r"<code>(.*?)</code>", page) == ["(blank)", "2062-11-21", "Z9", "hidden"]


def test_a_rule_that_the_contracts_no_longer_hold_does_not_stop_the_report(morning: Morning) -> None:
    morning.set_aside("police__calls", "rule_of_last_year", "area_code", 1, "Z9", "valid")
    assert morning.report()["set_aside"][0]["reason"]["en"] == "A rule that is no longer in use"


def test_what_was_expected_comes_from_the_contract() -> None:
    assert expected_words("permit", "status", "unknown_code", 3)["en"] == "one of applied, issued, completed, withdrawn"
    assert expected_words("permit", "estimated_cost_cents", "out_of_range", 3) == {"en": "0 or more", "zh": "不小于 0"}
    assert expected_words("lamp_post", "height_metres", "out_of_range", 3)["en"] == "from 0 to 60"
    assert expected_words("permit", "applied_date", "unreadable", 3) == {"en": "a date", "zh": "日期"}
    assert expected_words("permit", None, "layout_removed", 3) == {"en": "see the reason", "zh": "见原因"}
    assert expected_words("permit", "issued_date", "issued_before_applied", 3)["en"] == "the two times in order"
