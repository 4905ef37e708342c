"""Every figure of the service marts, worked out by hand for a city that holds each case once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from tests.dbt_project import millbrook
from tests.dbt_project.small_lake import HAND_WRITTEN, SmallLake, failed, new_lake

SERVICES = ("--select", "+path:models/marts/services", "--indirect-selection", "buildable")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> SmallLake:
    small = new_lake(tmp_path_factory.mktemp("millbrook"))
    assert failed(small.dbt("seed", "--select", "service_targets", "holidays")) == {}
    millbrook.write(small)
    assert failed(small.dbt("build", *SERVICES, *HAND_WRITTEN, "resource_type:seed")) == {}
    return small


def rows(city: SmallLake, mart: str, columns: Sequence[str], where: str = "true") -> list[tuple[Any, ...]]:
    return city.rows(f"SELECT {', '.join(columns)} FROM marts.{mart} WHERE {where} ORDER BY ALL")


Y, N, X = True, False, None
REQUESTS: dict[str, tuple[Any, ...]] = {
    # class, rule, minutes | who promised, day | due, in time, strictly | at once, dates, again, contradiction, fixed,
    # answered
    "in time": ("counted", "none_of_these", 1620, "record", 4, Y, Y, Y, N, N, 0, N, Y, Y),
    "late": ("counted", "none_of_these", 5760, "record", 4, Y, N, N, N, N, 0, N, Y, N),
    "open late": ("counted", "none_of_these", X, "record", 4, Y, N, N, N, N, 0, N, X, N),
    "not yet due": ("counted", "none_of_these", X, "record", 4, N, X, X, N, N, 0, N, X, X),
    "at once": ("counted", "none_of_these", 4, "record", 7, Y, Y, Y, Y, N, 0, N, N, Y),
    "ten minutes": ("counted", "none_of_these", 10, "record", 7, Y, Y, Y, N, N, 0, N, Y, Y),
    "again": ("counted", "none_of_these", 7200, "record", 12, Y, Y, N, N, N, 1, N, Y, Y),
    "again and open": ("counted", "none_of_these", X, "record", 12, Y, N, N, N, N, 1, N, X, Y),
    "marked": ("duplicate", "marked_duplicate", 60, "record", 7, Y, Y, Y, N, N, 0, N, N, Y),
    "child": ("duplicate", "has_parent", X, "record", 7, Y, N, N, N, N, 0, N, X, N),
    "own job": ("internal", "internal_channel", 1, "record", 7, Y, Y, Y, Y, N, 0, N, N, Y),
    "cancelled": ("cancelled", "status_cancelled", X, "record", 7, Y, N, N, N, N, 0, N, X, N),
    "dates": ("counted", "none_of_these", 2880, "record", 11, Y, Y, Y, N, Y, 0, N, Y, N),
    "dates late": ("counted", "none_of_these", 4320, "record", 11, Y, N, N, N, Y, 0, N, Y, N),
    "one date": ("counted", "none_of_these", X, "record", 11, Y, Y, Y, N, Y, 0, N, N, Y),
    # seven hours although the clocks show six; the promised day had 25
    "autumn": ("counted", "none_of_these", 420, "record", 1, Y, Y, Y, N, N, 0, N, Y, Y),
    # one hour although the clocks show two; the promised day had 23 and was over at midnight
    "spring": ("counted", "none_of_these", 60, "record", 8, Y, Y, Y, N, N, 0, N, N, Y),
    "spring late": ("counted", "none_of_these", 2100, "record", 8, Y, N, N, N, Y, 0, N, N, N),
    "no promise": ("counted", "none_of_these", 1440, "none", X, N, X, X, N, N, 0, N, Y, Y),
    "no time": ("counted", "none_of_these", X, "record", 18, N, X, X, N, N, 0, Y, Y, N),
    "open with a time": ("counted", "none_of_these", X, "record", 18, Y, N, N, N, N, 0, Y, X, N),
    "nowhere": ("counted", "none_of_these", 1440, "record", 20, Y, Y, Y, N, N, 0, N, N, Y),
    # Thursday the 26th is a holiday: Friday and Monday are the two business days
    "over the holiday": ("counted", "none_of_these", 8039, "service_table", 30, Y, Y, Y, N, N, 0, N, N, N),
    "a day more": ("counted", "none_of_these", 8041, "service_table", 30, Y, N, N, N, N, 0, N, N, N),
    "of Saturday": ("counted", "none_of_these", X, "service_table", 1, Y, N, N, N, N, 0, N, X, N),
    "due today": ("counted", "none_of_these", X, "service_table", 2, N, X, X, N, N, 0, N, X, N),
    "own promise": ("counted", "none_of_these", 3000, "record", 27, Y, Y, Y, N, N, 0, N, N, N),
    "two promises": ("counted", "none_of_these", 1440, "ambiguous", X, N, X, X, N, N, 0, N, N, Y),
    "another city's": ("counted", "none_of_these", X, "none", X, N, X, X, N, N, 0, N, X, N),
    "promised before": ("counted", "none_of_these", X, "record", 5, Y, N, N, N, N, 0, N, X, N),
    "its own day": ("counted", "none_of_these", X, "record", 2, N, X, X, N, Y, 0, N, N, Y),
    # cancelled, open and closed: it was never closed before it was opened again
    "taken back": ("counted", "none_of_these", 300, "none", X, N, X, X, N, N, 0, N, N, Y),
    "of tomorrow": ("counted", "none_of_these", X, "none", X, N, X, X, N, N, 0, N, X, X),
    "of tomorrow and cancelled": ("cancelled", "status_cancelled", X, "none", X, N, X, X, N, N, 0, N, X, X),
}


def test_each_request_is_judged_as_on_paper(city: SmallLake) -> None:
    told = rows(
        city, "service_requests",
        ["request_id", "counting_class", "counting_rule", "minutes_to_close", "target_source", "day(due_date)",
         "is_due", "is_due_on_time", "is_strictly_on_time", "is_instant", "is_date_only", "reopened_count",
         "has_contradiction", "has_fix_evidence", "is_answered_in_limit"],
        "service_code <> 'G'",
    )  # fmt: skip
    assert {row[0]: row[1:] for row in told} == REQUESTS


def test_overdue_are_the_open_ones_whose_deadline_is_over(city: SmallLake) -> None:
    assert rows(city, "service_requests", ["request_id"], "is_overdue") == [
        ("again and open",), ("child",), ("of Saturday",), ("open late",), ("open with a time",),
        ("promised before",),
    ]  # fmt: skip


def test_the_published_requests_hold_nothing_personal_and_no_text(city: SmallLake) -> None:
    columns = {name for (name,) in city.rows("SELECT column_name FROM (DESCRIBE marts.service_requests)")}
    assert not columns & {"description", "latitude", "longitude", "requester_phone", "address", "_extra"}


EVENTS = {
    "again": [
        ("opened", "11-05 09:00"), ("closed", "11-06 09:00"), ("reopened", "11-07 09:00"), ("closed", "11-10 09:00"),
    ],
    "again and open": [("opened", "11-05 09:00"), ("closed", "11-06 09:00"), ("reopened", "11-08 09:00")],
    "cancelled": [("opened", "11-05 09:00"), ("cancelled", "11-06 09:00")],
    "no time": [("opened", "11-16 09:00"), ("closed", "11-18 09:00")],
    "open late": [("opened", "11-02 09:00")],
    "taken back": [
        ("opened", "12-01 10:00"), ("cancelled", "12-01 11:00"), ("reopened", "12-01 12:00"), ("closed", "12-01 15:00"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("request_id", EVENTS)
def test_a_request_has_the_history_that_its_versions_tell(city: SmallLake, request_id: str) -> None:
    columns = ["event_number", "event", "happened_at"]
    told = rows(city, "service_request_events", columns, f"request_id = '{request_id}'")
    assert [(event, at) for _, event, at in told] == [(event, millbrook.local(at)) for event, at in EVENTS[request_id]]


def test_a_withdrawn_request_keeps_its_history_and_is_in_no_other_mart(city: SmallLake) -> None:
    columns = ["event_number", "event", "from_state", "is_time_of_loading"]
    assert rows(city, "service_request_events", columns, "request_id = 'withdrawn'") == [
        (1, "opened", None, False), (2, "withdrawn", "open", True),
    ]  # fmt: skip
    assert rows(city, "service_requests", ["request_id"], "request_id = 'withdrawn'") == []


LEVELS = {
    # opened, counted, duplicate, internal, cancelled | closed, at once, again | due, in time, strict | waiting, overdue
    2: (3, 3, 0, 0, 0, 0, 0, 0, 0, 0, X, 0, 0, X, 3, 0),
    4: (0, 0, 0, 0, 0, 0, 0, 0, 3, 1, 1 / 3, 3, 1, 1 / 3, 2, 2),
    5: (8, 4, 2, 1, 1, 2, 1, 0, 0, 0, X, 0, 0, X, 4, 2),
    7: (0, 0, 0, 0, 0, 0, 0, 1, 2, 2, 1.0, 1, 1, 1.0, 3, 1),
    8: (0, 0, 0, 0, 0, 0, 0, 1, 0, 0, X, 0, 0, X, 3, 1),
    11: (0, 0, 0, 0, 0, 1, 0, 0, 3, 2, 2 / 3, 3, 2, 2 / 3, 3, 2),
    12: (0, 0, 0, 0, 0, 1, 0, 0, 2, 1, 0.5, 2, 0, 0.0, 2, 2),
}


@pytest.mark.parametrize("day", LEVELS)
def test_a_day_of_streets_in_the_west(city: SmallLake, day: int) -> None:
    columns = [
        "opened_count", "counted_count", "duplicate_count", "internal_count", "cancelled_count", "closed_count",
        "instant_count", "reopened_count", "due_count", "due_on_time_count", "due_on_time_share", "strict_due_count",
        "strict_due_on_time_count", "strict_on_time_share", "backlog_count", "open_overdue_count",
    ]  # fmt: skip
    where = f"area_code = 'W' AND department = 'streets' AND day = DATE '2026-11-{day:02}'"
    assert rows(city, "service_levels_daily", columns, where) == [LEVELS[day]]


def test_promises_before_the_first_request_and_requests_after_the_last_day_are_counted(city: SmallLake) -> None:
    columns = [
        "day", "opened_count", "due_count", "due_on_time_count", "backlog_count", "open_overdue_count",
        "reopened_count",
    ]  # fmt: skip
    assert rows(city, "service_levels_daily", columns, "service_code = 'E'") == [
        (date(2026, 1, 5), 0, 1, 0, 0, 0, 0), (date(2026, 12, 1), 3, 0, 0, 1, 1, 0),
        (date(2026, 12, 2), 0, 0, 0, 1, 1, 0), (date(2026, 12, 3), 2, 0, 0, 2, 1, 0),
    ]  # fmt: skip


COHORTS = {
    ("2026-11-02", "P"): {1: (7, 3, X), 3: (7, 3, X), 7: (7, 5, X), 14: (7, 5, X), 30: (7, X, X), 90: (7, X, X)},
    ("2026-11-09", "P"): {1: (3, 1, X), 3: (3, 3, X), 7: (3, 3, X), 14: (3, 3, X), 30: (3, X, X), 90: (3, X, X)},
    # of four one is closed without a time
    ("2026-11-16", "P"): {1: (3, 2, X), 3: (3, 2, X), 7: (3, 2, X), 14: (3, X, X), 30: (3, X, X), 90: (3, X, X)},
    ("2026-08-31", "G"): {
        1: (59, 47, 47 / 59), 3: (59, 59, 1.0), 7: (59, 59, 1.0), 14: (59, 59, 1.0), 30: (59, 59, 1.0), 90: (59, X, X),
    },
}  # fmt: skip


@pytest.mark.parametrize(("week", "service"), COHORTS)
def test_a_week_is_followed_as_far_as_it_is_old_enough(city: SmallLake, week: str, service: str) -> None:
    columns = ["age_days", "opened_count", "closed_within_count", "closed_within_share", "is_old_enough"]
    told = rows(city, "service_cohorts_weekly", columns, f"week = DATE '{week}' AND service_code = '{service}'")
    assert {row[0]: row[1:4] for row in told} == COHORTS[week, service]
    assert all(is_old_enough == (closed is not None) for _, _, closed, _, is_old_enough in told)


RATES = [
    # month over | assigned, open, closed | answered | resolved | rated
    ("parks", "A", 11, Y, 1, 0, 1, N, X, X, X, N, X, X, N, X, X, X, X, X, X),
    ("parks", "E", 12, N, 4, 2, 2, N, X, X, X, N, X, X, N, X, X, X, X, X, X),
    ("parks", "G", 9, Y, 59, 0, 59, N, X, X, X, N, X, X, N, X, X, X, X, X, X),
    ("parks", "N", 11, Y, 1, 1, 0, N, X, X, X, N, X, X, N, X, X, X, X, X, X),
    ("parks", "T", 11, Y, 5, 2, 2, N, X, X, X, N, X, X, N, X, X, X, X, X, X),
    ("parks", "T", 12, N, 0, 0, 1, N, X, X, X, N, X, X, N, X, X, X, X, X, X),
    ("streets", "P", 3, Y, 2, 0, 2, N, X, X, X, N, X, X, N, X, X, X, X, X, X),
    ("streets", "P", 10, Y, 1, 0, 0, N, X, X, X, Y, 1, X, N, X, X, X, X, X, X),
    ("streets", "P", 11, Y, 14, 3, 11, Y, 14, 8, 8 / 14, Y, 8, 8 / 14, Y, 10, 10 / 11, 7, 0.7, 0.396773, 0.892211),
    ("streets", "P", 12, N, 1, 1, 0, N, X, X, X, N, X, X, N, X, X, X, X, X, X),
    ("streets", "Q", 11, Y, 0, 0, 0, Y, 0, 0, X, Y, 0, X, Y, 9, X, X, X, X, X),
]


def test_the_three_rates_are_blank_where_nobody_measured_or_few_answered(city: SmallLake) -> None:
    columns = [
        "department", "service_code", "month(month)", "is_month_over", "assigned_count", "open_count", "closed_count",
        "is_answering_measured", "answer_due_count", "answered_in_limit_count", "answered_share",
        "is_resolving_measured", "resolved_count", "resolved_share", "is_satisfaction_measured", "rating_count",
        "response_share", "satisfied_count", "satisfied_share", "satisfied_low_share", "satisfied_high_share",
    ]  # fmt: skip
    assert rows(city, "service_rates_monthly", columns) == RATES


HONESTY = {
    # requests, counted, without a target, duplicate, internal, cancelled, contradictions, closed without a time, dates,
    # each but the last but one with its share
    # | closed, at once | without being fixed, passed on | first closed, again | due: headline | strict
    ("streets", "P", 11): (
        18, 14, 14 / 18, 1, 1 / 14, 2, 2 / 18, 1, 1 / 18, 1, 1 / 18, 2, 2 / 18, 1, 3, 3 / 18,
        11, 1, 1 / 11, Y, 3, 3 / 11, 1, 1 / 11, N, 13, X, X, 13, 8, 8 / 13, 12, 6, 6 / 12,
    ),
    ("streets", "P", 3): (
        2, 2, X, 0, X, 0, X, 0, X, 0, X, 0, X, 0, 1, X, 2, 0, X, N, X, X, X, X, Y, 2, 0, X, 2, 1, 0.5, 2, 1, 0.5,
    ),
    ("streets", "P", 10): (
        1, 1, X, 0, X, 0, X, 0, X, 0, X, 0, X, 0, 0, X, 0, 0, X, N, X, X, X, X, Y, 0, 0, X, 0, 0, X, 0, 0, X,
    ),
    ("parks", "T", 11): (
        5, 5, X, 0, X, 0, X, 0, X, 0, X, 0, X, 0, 0, X, 2, 0, X, N, X, X, X, X, N, 2, X, X, 3, 2, 2 / 3, 3, 2, 2 / 3,
    ),
    ("parks", "G", 9): (
        59, 59, 1.0, 59, 1.0, 0, 0.0, 0, 0.0, 0, 0.0, 0, 0.0, 0, 0, 0.0,
        59, 0, 0.0, N, X, X, X, X, Y, 59, 0, 0.0, 0, 0, X, 0, 0, X,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("department", "service", "month"), HONESTY)
def test_what_stands_behind_the_figures(city: SmallLake, department: str, service: str, month: int) -> None:
    kinds = ["duplicate", "internal", "cancelled", "contradiction"]
    columns = [
        "request_count", "counted_count", "counted_share", "no_target_count", "no_target_share",
        *[f"{kind}_{figure}" for kind in kinds for figure in ("count", "share")],
        "closed_without_time_count", "date_only_count", "date_only_share", "closed_count", "instant_count",
        "instant_share", "is_resolving_measured", "without_fix_evidence_count", "without_fix_evidence_share",
        "referred_count", "referred_share", "is_reopening_known", "first_closed_count", "reopened_count",
        "reopened_share", "due_count", "due_on_time_count", "due_on_time_share", "strict_due_count",
        "strict_due_on_time_count", "strict_on_time_share",
    ]  # fmt: skip
    where = f"department = '{department}' AND service_code = '{service}' AND month(month) = {month}"
    assert rows(city, "service_honesty_monthly", columns, where) == [HONESTY[department, service, month]]


def test_times_stand_by_month_for_a_service_its_department_and_the_city(city: SmallLake) -> None:
    """The 54th of the 59 lawns took two days: all thirty of the east, and 24 of the west."""
    columns = [
        "grouping_kind", "department", "service_code", "closed_count", "instant_count", "instant_share", "timed_count",
        "median_minutes_to_close", "p90_minutes_to_close",
    ]  # fmt: skip
    assert rows(city, "service_times_monthly", columns, "month(month) IN (9, 11)") == [
        ("city", "all", "all", 14, 1, 1 / 14, 12, X, X),
        ("city", "all", "all", 59, 0, 0.0, 59, 1200, 2880),
        ("department", "parks", "all", 3, 0, X, 3, X, X),
        ("department", "parks", "all", 59, 0, 0.0, 59, 1200, 2880),
        ("department", "streets", "all", 11, 1, 1 / 11, 9, X, X),
        ("service", "parks", "A", 1, 0, X, 1, X, X),
        ("service", "parks", "G", 59, 0, 0.0, 59, 1200, 2880),
        ("service", "parks", "T", 2, 0, X, 2, X, X),
        ("service", "streets", "P", 11, 1, 1 / 11, 9, X, X),
    ]


def test_areas_are_compared_where_thirty_can_be_and_never_by_how_often_they_ask(city: SmallLake) -> None:
    """Of the 59 lawns of September the 30th took 20 hours: twenty of the east and ten of the west took no longer."""
    columns = [
        "month", "area_code", "closed_count", "timed_count", "median_minutes_to_close", "p90_minutes_to_close",
        "city_median_minutes_to_close", "compared_count", "wait_ratio", "population", "population_year",
        "requests_per_1k",
    ]  # fmt: skip
    september, november = date(2026, 9, 1), date(2026, 11, 1)
    assert rows(city, "service_areas_monthly", columns, "month(month) IN (9, 11)") == [
        (september, "E", 30, 30, 900, 1620, 1200, 30, 0.75, 500, 2020, 60.0),
        (september, "W", 29, 29, X, X, 1200, 29, X, 1000, 2020, 29.0),
        (november, "E", 3, 3, X, X, X, 0, X, 500, 2020, 14.0),
        (november, "W", 10, 8, X, X, X, 0, X, 1000, 2020, 13.0),
        (november, "unplaced", 1, 1, X, X, X, 0, X, X, X, X),
    ]
