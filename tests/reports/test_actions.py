from __future__ import annotations

from typing import Any

from tests.reports.morning import Morning


def by_cause(morning: Morning) -> dict[str, Any]:
    return {action["cause"]: action for action in morning.report()["actions"]}


def test_on_a_good_morning_nobody_needs_to_act(morning: Morning) -> None:
    assert morning.report()["actions"] == []


def test_a_missing_critical_feed_is_due_at_noon_by_its_steward(morning: Morning) -> None:
    morning.missing("streets__requests", 2)
    action = by_cause(morning)["missing"]
    assert action["id"] == "missing.streets__requests"
    assert action["title"]["en"] == "Street requests has not arrived since 21 November"
    assert action["owner"]["email"] == "streets-data@riverbend.example"
    assert action["due_at"] == "2026-11-23T12:00:00-06:00"
    assert (action["opened_at"], action["age_days"]) == ("2026-11-22", 1)
    assert action["affects"] == ["area_profile_monthly", "service_levels_daily"]


def test_a_changed_layout_is_one_action_and_not_one_for_each_record(morning: Morning) -> None:
    morning.refuse("permits__permits", "layout_removed", [["addr", "site_address"]], days=3)
    morning.set_aside("permits__permits", "layout_removed", "address", 1000, None, "consistent")
    actions = morning.report()["actions"]
    assert [action["cause"] for action in actions] == ["layout"]
    assert actions[0]["title"]["en"] == "Building Permits renamed 1 column in Permits"
    assert actions[0]["what_to_do"]["zh"] == "与数据办公室商定新格式，然后从11月21日起重新载入。"


def test_a_late_feed_says_by_how_much(morning: Morning) -> None:
    morning.late("police__calls", 48)
    assert by_cause(morning)["late"]["title"]["en"] == "Emergency calls arrived 48 minutes late"


def test_only_the_most_frequent_rule_of_a_feed_becomes_an_action(morning: Morning) -> None:
    morning.set_aside("police__incidents", "in_the_future", "occurred_at", 3, "2062-11-21", "accurate")
    morning.set_aside("police__incidents", "blank", "category", 9, None, "complete")
    actions = morning.report()["actions"]
    assert [action["id"] for action in actions] == ["rule.police__incidents.blank.category"]
    assert actions[0]["title"]["en"] == "A required value is blank: 9 records of Police incidents"
    assert actions[0]["due_at"] == "2026-11-25T17:00:00-06:00"


def test_a_record_that_was_replayed_asks_for_nothing(morning: Morning) -> None:
    morning.set_aside("police__incidents", "blank", "category", 1, None, "complete")
    feed, delivery_id, rec = morning.asides[0][:3]
    morning.events.append((feed, delivery_id, rec, "replayed"))
    assert morning.report()["actions"] == []


def test_records_stay_open_on_a_day_that_brings_no_delivery(morning: Morning) -> None:
    morning.set_aside("police__incidents", "blank", "category", 2, None, "complete", days_ago=1)
    morning.missing("police__incidents")
    report = morning.report()
    assert report["set_aside"] == [], "nothing was set aside today"
    action = next(one for one in report["actions"] if one["cause"] == "rule")
    assert action["title"]["en"] == "A required value is blank: 2 records of Police incidents"
    assert (action["opened_at"], action["age_days"]) == ("2026-11-22", 1)


def test_a_record_that_is_set_aside_again_is_as_old_as_its_first_day(morning: Morning) -> None:
    for days_ago in (5, 1, 0):
        morning.set_aside("police__incidents", "blank", "category", 1, None, "complete", days_ago=days_ago)
    action = by_cause(morning)["rule"]
    assert (action["opened_at"], action["age_days"], action["overdue"]) == ("2026-11-18", 5, True)


def test_another_record_with_the_same_fault_is_not_as_old_as_the_first(morning: Morning) -> None:
    morning.set_aside("police__incidents", "blank", "category", 1, None, "complete", days_ago=5)
    morning.set_aside("police__incidents", "blank", "category", 1, None, "complete")
    morning.asides[1] = (*morning.asides[1][:3], "ANOTHER-KEY", *morning.asides[1][4:])
    action = by_cause(morning)["rule"]
    assert (action["opened_at"], action["overdue"]) == ("2026-11-23", False)


def test_records_that_a_newer_delivery_no_longer_holds_back_ask_for_nothing(morning: Morning) -> None:
    morning.set_aside("police__incidents", "blank", "category", 2, None, "complete", days_ago=1)
    assert morning.report()["actions"] == []


def test_what_keeps_data_out_comes_before_an_overdue_record(morning: Morning) -> None:
    for days_ago in (5, 0):
        morning.set_aside("police__incidents", "blank", "category", 1, None, "complete", days_ago=days_ago)
    morning.missing("permits__permits")
    assert [action["cause"] for action in morning.report()["actions"]] == ["missing", "rule"]


def test_a_failed_run_is_the_data_offices_own_action(morning: Morning) -> None:
    morning.status = "failed"
    action = by_cause(morning)["run"]
    assert action["owner"] == {"name": "Data Office", "email": "data@riverbend.example", "department": None}


def test_the_same_morning_gives_the_same_ids(morning: Morning) -> None:
    morning.missing("streets__requests")
    morning.set_aside("police__calls", "unknown_area", "area_code", 4, "Z9", "consistent")
    first, second = morning.report(), morning.report()
    assert first == second
    assert len({action["id"] for action in first["actions"]}) == len(first["actions"])
