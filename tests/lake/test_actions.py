"""The book of actions follows what is wanted, and keeps what people said."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from lake.actions import Change, settle

AT, ZONE = datetime(2026, 11, 23, 12, tzinfo=UTC), ZoneInfo("America/Chicago")


def wanted(key: str = "late.fire__calls", **changes: Any) -> dict[str, Any]:
    return {
        "action_key": key, "cause": "late", "department": "fire", "owner": "old@fire", "feed": "fire__calls",
        "subject": "late", "since_date": date(2026, 11, 20), "due_date": date(2026, 11, 24), "severity": "normal",
        "detail": None, **changes,
    }  # fmt: skip


def opened(**changes: Any) -> dict[str, Any]:
    names = "escalated_at closed_at assigned_to acknowledged_at acknowledged_by accepted_at accepted_by due_set_by note"
    life = dict.fromkeys(names.split())
    return {**wanted(), **life, "state": "open", "opened_at": AT, **changes}


def events(changes: list[Change]) -> list[str]:
    return [event for change in changes for event, _ in change.events]


def test_what_is_new_is_opened_once() -> None:
    assert events(settle([wanted()], [], AT, ZONE)) == ["opened"]
    assert settle([wanted()], [opened()], AT, ZONE) == []


def test_what_is_wanted_no_more_is_done() -> None:
    [change] = settle([], [opened()], AT, ZONE)
    assert (change.row["state"], change.row["closed_at"], events([change])) == ("done", AT, ["closed"])
    assert settle([], [change.row], AT, ZONE) == []


def test_what_comes_back_is_the_same_action_opened_again() -> None:
    done = opened(state="done", closed_at=AT, acknowledged_by="somebody", accepted_by=None)
    [change] = settle([wanted()], [done], AT, ZONE)
    assert events([change]) == ["opened_again"]
    assert change.row.get("acknowledged_by") is None and change.row.get("closed_at") is None


def test_what_is_overdue_is_escalated_once_unless_somebody_accepted_it() -> None:
    late = wanted(due_date=date(2026, 11, 22))
    [change] = settle([late], [opened(due_date=date(2026, 11, 22))], AT, ZONE)
    assert (change.row["escalated_at"], events([change])) == (AT, ["escalated"])
    assert settle([late], [change.row], AT, ZONE) == []
    assert settle([late], [opened(due_date=late["due_date"], state="accepted", accepted_at=AT)], AT, ZONE) == []


def test_another_owner_takes_it_over_and_what_people_said_stays() -> None:
    [change] = settle([wanted(owner="new@fire")], [opened(acknowledged_by="somebody")], AT, ZONE)
    assert change.events == (("moved", "from old@fire to new@fire"),)
    assert (change.row["owner"], change.row["acknowledged_by"]) == ("new@fire", "somebody")


def test_other_words_are_no_event() -> None:
    [change] = settle([wanted(detail="12")], [opened(detail="11")], AT, ZONE)
    assert (change.row["detail"], change.events) == ("12", ())
    assert events(settle([wanted(severity="high")], [opened()], AT, ZONE)) == ["updated"]


def accepted(**changes: Any) -> dict[str, Any]:
    return opened(state="accepted", accepted_at=AT, accepted_by="mayor", note="until January", **changes)


def test_what_somebody_accepted_stays_closed_while_its_cause_stands() -> None:
    assert settle([wanted()], [accepted()], AT, ZONE) == []
    [change] = settle([wanted(owner="new@fire")], [accepted()], AT, ZONE)
    assert (change.row["state"], change.row["accepted_by"]) == ("accepted", "mayor")
    assert settle([wanted(since_date=date(2026, 11, 23))], [accepted(since_date=date(2026, 11, 23))], AT, ZONE) == []


def test_a_cause_that_began_after_it_was_accepted_opens_it_again_and_nothing_is_left_of_the_answer() -> None:
    [change] = settle([wanted(since_date=date(2026, 11, 24))], [accepted()], AT, ZONE)
    assert (change.row["state"], events([change])) == ("open", ["opened_again"])
    assert not change.row.keys() & {"accepted_at", "accepted_by", "note", "due_set_by"}


def test_what_was_accepted_and_is_gone_is_done_and_comes_back_open() -> None:
    [gone] = settle([], [accepted()], AT, ZONE)
    assert (gone.row["state"], gone.row["accepted_by"]) == ("done", "mayor")
    [back] = settle([wanted()], [gone.row], AT, ZONE)
    assert (back.row["state"], back.row.get("accepted_at")) == ("open", None)


def test_a_date_that_somebody_set_stays_through_builds_until_it_is_over() -> None:
    dated = opened(due_date=date(2026, 12, 1), due_set_by="chief")
    assert settle([wanted(due_date=date(2026, 11, 20))], [dated], AT, ZONE) == []
    later = datetime(2026, 12, 2, 12, tzinfo=UTC)
    [change] = settle([wanted()], [dated], later, ZONE)
    assert (events([change]), change.row["due_date"]) == (["escalated"], date(2026, 12, 1))
