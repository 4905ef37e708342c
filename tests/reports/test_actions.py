from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.reports.morning import NOW, TODAY, ZONE, Morning


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


def test_a_yearly_feed_that_did_not_come_is_missing_until_it_comes(morning: Morning) -> None:
    feed = "streets__requests"
    came, due = TODAY - timedelta(days=465), TODAY - timedelta(days=100)
    morning.missing(feed, morning.days)
    for back in range(morning.days):
        morning.quality[feed, TODAY - timedelta(days=back)]["arrival"] = "not_due"
    row = morning.quality[feed, TODAY]
    morning.quality[feed, due] = {**row, "day": due, "arrival": "missing"}
    arrived = datetime(came.year, came.month, came.day, 6, tzinfo=ZONE)
    morning.quality[feed, came] = {**row, "day": came, "arrival": "on_time", "arrived_at": arrived}
    morning.deliveries[feed, came] = {**morning.deliveries["police__calls", TODAY], "feed": feed, "fetched_at": arrived}
    action = by_cause(morning)["missing"]
    assert action["title"]["en"] == "Street requests has not arrived since 15 August 2025"
    assert action["opened_at"] == "2026-08-15"
    assert morning.report()["verdict"]["rule_id"] == "R2"


def test_a_changed_layout_is_one_action_and_not_one_for_each_record(morning: Morning) -> None:
    morning.refuse("permits__permits", "layout_removed", [["addr", "site_address"]], days=3)
    morning.set_aside("permits__permits", "layout_removed", "address", 1000, None, "consistent")
    actions = morning.report()["actions"]
    assert [action["cause"] for action in actions] == ["layout"]
    assert actions[0]["title"]["en"] == "Building Permits renamed 1 column in Permits"
    assert actions[0]["what_to_do"]["zh"] == (
        "与数据办公室商定新格式，然后从11月21日起重新载入。在此之前，区域概况缺少其新记录。"
    )


def test_a_retyped_field_is_shown_by_shapes_with_what_is_made_from_it(morning: Morning) -> None:
    morning.refuse("permits__permits", "retyped", [])
    feed, delivery_id, *_ = morning.findings.pop()
    found = ("retyped", "valid", "refuse", "applied_date", "applied", "99/99/9999", "9999-99-99")
    morning.findings.append((feed, delivery_id, None, *found, None, morning.as_of))
    entry = next(one for one in morning.report()["feeds"] if one["slug"] == "permits__permits")
    assert entry["layout_change"]["touches"] == [
        {"sender_field": "applied", "field": "applied_date", "was": "9999-99-99", "now": "99/99/9999"}
    ]
    assert "<code>9999-99-99</code> before" in (morning.publish() / "en" / "index.html").read_text(encoding="utf-8")


def test_a_late_feed_says_by_how_much(morning: Morning) -> None:
    morning.late("police__calls", 48)
    assert by_cause(morning)["late"]["title"]["en"] == "Emergency calls arrived 48 minutes late"


def test_a_delivery_that_is_late_by_seconds_did_not_come_0_minutes_late(morning: Morning) -> None:
    morning.late("police__calls", 0)
    assert by_cause(morning)["late"]["title"]["en"] == "Emergency calls arrived less than a minute late"


def test_only_the_most_frequent_rule_of_a_feed_becomes_an_action(morning: Morning) -> None:
    morning.set_aside("police__incidents", "in_the_future", "occurred_at", 3, "2062-11-21", "accurate")
    morning.set_aside("police__incidents", "blank", "category", 9, None, "complete")
    actions = morning.report()["actions"]
    assert [action["id"] for action in actions] == ["rule.police__incidents.blank.category"]
    assert actions[0]["title"]["en"] == "A required value is blank: 9 records of Police incidents"
    assert actions[0]["due_at"] == "2026-11-25T17:00:00-06:00"


def test_a_record_that_was_replayed_asks_for_nothing(morning: Morning) -> None:
    morning.set_aside("police__incidents", "blank", "category", 1, None, "complete")
    morning.close(0, "replayed")
    report = morning.report()
    assert (report["actions"], report["set_aside"]) == ([], [])
    feed = next(one for one in report["feeds"] if one["slug"] == "police__incidents")
    assert (feed["records_loaded"], feed["records_set_aside"]) == (1000, 0)


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
    morning.close(0, "repeated")
    morning.close(1, "repeated")
    action = by_cause(morning)["rule"]
    assert (action["opened_at"], action["age_days"], action["overdue"]) == ("2026-11-18", 5, True)


def test_another_record_with_the_same_fault_is_not_as_old_as_the_first(morning: Morning) -> None:
    morning.set_aside("police__incidents", "blank", "category", 1, None, "complete", days_ago=5)
    morning.set_aside("police__incidents", "blank", "category", 1, None, "complete")
    morning.asides[1] = (*morning.asides[1][:3], "ANOTHER-KEY", *morning.asides[1][4:])
    morning.close(0, "mended")
    action = by_cause(morning)["rule"]
    assert (action["opened_at"], action["overdue"]) == ("2026-11-23", False)


def test_records_that_a_newer_delivery_no_longer_holds_back_ask_for_nothing(morning: Morning) -> None:
    morning.set_aside("police__incidents", "blank", "category", 2, None, "complete", days_ago=1)
    morning.close(0, "mended")
    morning.close(1, "superseded")
    assert morning.report()["actions"] == []


def test_records_that_nothing_has_mended_stay_an_action_though_newer_deliveries_came(morning: Morning) -> None:
    morning.set_aside("police__incidents", "blank", "category", 2, None, "complete", days_ago=9)
    action = by_cause(morning)["rule"]
    assert (action["title"]["en"], action["age_days"]) == (
        "A required value is blank: 2 records of Police incidents",
        9,
    )


def test_a_record_that_was_never_mended_becomes_a_gap(morning: Morning) -> None:
    morning.set_aside("police__incidents", "blank", "category", 1, None, "complete", days_ago=20)
    morning.close(0, "expired")
    report = morning.report()
    assert report["actions"] == []
    (gap,) = [gap for gap in report["gaps"] if gap["kind"] == "records_lost"]
    assert gap["text"]["en"] == "1 record of Police incidents was set aside, never corrected, and is lost."
    assert gap["owner"] == "police-data@riverbend.example"


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


def task(key: str, **changes: Any) -> dict[str, Any]:
    return {
        "action_key": key, "cause": "gap", "feed": "police__incidents", "department": "police",
        "owner": "police-data@riverbend.example", "subject": "area_missing", "detail": "2",
        "since_date": date(2026, 11, 20), "due_date": date(2026, 11, 22), "severity": "normal", "state": "open",
        "opened_at": datetime(2026, 11, 20, 12, tzinfo=UTC), **changes,
    }  # fmt: skip


def test_a_gap_in_what_was_promised_is_an_action_of_its_department(morning: Morning) -> None:
    morning.tasks = [task("gap.a")]
    action = by_cause(morning)["gap"]
    assert (action["id"], action["title"]["en"]) == ("gap.a", "Police incidents holds nothing of 2 since 20 November")
    assert (action["due_at"], action["overdue"]) == ("2026-11-22T17:00:00-06:00", True)
    assert action["owner"]["department"]["zh"] == "警务"
    assert action["affects"] == ["area_profile_monthly"]


def test_an_overdue_plan_is_an_action_though_no_feed_is_about_it(morning: Morning) -> None:
    about = {"feed": None, "cause": "late", "subject": "T1 Lamps", "department": "mayor"}
    morning.tasks = [task("plan_task:mayor:T1", **about)]
    action = by_cause(morning)["late"]
    assert (action["title"]["en"], action["owner"]["department"]) == ("Overdue in a plan: T1 Lamps", None)
    assert "T1 路灯" in action["title"]["zh"]
    morning.set_aside("police__incidents", "blank", "category", 1, None, "complete")
    assert [one["cause"] for one in morning.report()["actions"]] == ["rule", "late"], "a plan keeps no data out"


def test_what_was_done_long_ago_or_is_of_low_severity_is_not_shown(morning: Morning) -> None:
    morning.tasks = [
        task("done", state="done", closed_at=NOW - timedelta(days=31)), task("low", severity="low"),
        # the morning tells of a missing feed by itself
        task("gap.days_missing", cause="missing"),
    ]  # fmt: skip
    assert morning.report()["actions"] == []


def test_what_was_done_in_the_last_days_comes_last_and_is_open_for_nobody(morning: Morning) -> None:
    morning.missing("police__calls")
    morning.tasks = [
        task("layout.police__incidents", cause="layout", subject="refused", state="done", closed_at=NOW),
        task("rule.a", cause="rule", subject="blank", state="done", closed_at=NOW - timedelta(days=2)),
    ]
    report = morning.report()
    assert [action["status"] for action in report["actions"]] == ["open", "done", "done"]
    assert [action["title"]["en"] for action in report["actions"][1:]] == [
        "Police incidents could not be taken in since 20 November",
        "A required value is blank: records of Police incidents",
    ]
    assert [action["age_days"] for action in report["actions"][1:]] == [3, 1]
    police = next(one for one in report["departments"] if one["slug"] == "police")
    assert police["open_actions"] == 1


def test_an_accepted_action_is_told_with_its_reason_and_waits_for_nobody(morning: Morning) -> None:
    reason = "The district has no police station"
    morning.tasks = [task("gap.a", state="accepted", accepted_at=NOW, accepted_by="Lee", note=reason)]
    report = morning.report()
    (action,) = report["actions"]
    assert (action["status"], action["accepted_by"], action["note"]) == ("accepted", "Lee", reason)
    assert sum(department["open_actions"] for department in report["departments"]) == 0
    assert "Nobody needs to act" in (morning.publish() / "en" / "index.html").read_text(encoding="utf-8")


def test_what_people_said_to_a_missing_feed_stands_with_the_mornings_own_action(morning: Morning) -> None:
    morning.missing("streets__requests", 2)
    key = "gap.days_missing.streets__requests.2026-11-22"
    said = {"acknowledged_at": NOW, "acknowledged_by": "Lee", "assigned_to": "Kim", "note": "The server moves today"}
    morning.book(key, "missing", "streets__requests", "days_missing", **said)
    action = by_cause(morning)["missing"]
    assert (action["id"], action["status"], action["assigned_to"]) == (key, "acknowledged", "Kim")
    assert action["note"] == "The server moves today"
    assert action["due_at"] == "2026-11-23T12:00:00-06:00", "the morning knows best by when, while nobody agreed a day"


def test_a_day_that_people_agreed_on_holds(morning: Morning) -> None:
    morning.missing("streets__requests", 2)
    agreed = {"due_set_by": "Lee", "due_date": date(2026, 11, 27)}
    morning.book("gap.days_missing.s", "missing", "streets__requests", "days_missing", **agreed)
    assert by_cause(morning)["missing"]["due_at"] == "2026-11-27T17:00:00-06:00"
