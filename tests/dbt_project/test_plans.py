"""A plan worked out by hand: directions, changed targets, missing and late figures, and the money that pays for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dbt_project import planville
from tests.dbt_project.small_lake import HAND_WRITTEN, SmallLake, failed, new_lake

MODELS = ("--select", "+marts.plans", "+marts.money", "+int_actions_plans", "--indirect-selection", "cautious")
EDITIONS = """SELECT measure_id, period_kind, edition_number, planned, actual, state, previous_actual
    FROM marts.plan_editions WHERE end_date = DATE '2026-09-30' ORDER BY ALL"""

Rows = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> SmallLake:
    """The plan two days before September closes."""
    small = new_lake(tmp_path_factory.mktemp("planville"))
    planville.write(small)
    assert failed(small.dbt("build", *HAND_WRITTEN, *MODELS)) == {}
    return small


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    """September's editions before the closing, after it, and once figures had come late."""
    small = new_lake(tmp_path_factory.mktemp("closing"))
    planville.write(small)
    told = {}
    for name, as_of in (
        ("before", planville.BEFORE_CLOSING), ("closing", planville.AFTER_CLOSING), ("late", planville.LATE),
    ):  # fmt: skip
        planville.move_clock(small, as_of)
        if name == "late":
            planville.report_late(small)
        assert failed(small.dbt("build", *HAND_WRITTEN, "--select", "+plan_editions", *MODELS[-2:])) == {}
        told[name] = small.rows(EDITIONS)
    return told


def periods(plan: SmallLake, measure: str) -> Rows:
    """Return planned, actual, state and rule of July, August, September and the quarter."""
    return plan.rows(
        f"""SELECT planned, actual, state, rule FROM marts.plan_progress WHERE measure_id = '{measure}' AND quarter = 1
        ORDER BY period_kind, start_date"""
    )


def test_more_is_better(plan: SmallLake) -> None:
    assert periods(plan, "up") == [
        (100, 100, "on_track", "reached"), (100, 95, "behind", "missed_by_little"),
        (100, 80, "off_track", "missed_by_much"), (100, 80, "off_track", "missed_by_much"),
    ]  # fmt: skip


def test_less_is_better_and_nothing_at_all_is_best(plan: SmallLake) -> None:
    assert periods(plan, "down") == [
        (10, 9, "on_track", "reached"), (10, 11, "behind", "missed_by_little"),
        (10, 0, "on_track", "reached"), (10, 0, "on_track", "reached"),
    ]  # fmt: skip


def test_the_same_is_better_within_a_tolerance(plan: SmallLake) -> None:
    assert periods(plan, "keep") == [
        (200, 209, "on_track", "reached"), (200, 215, "behind", "missed_by_little"),
        (200, 190, "on_track", "reached"), (200, 190, "on_track", "reached"),
    ]  # fmt: skip


def test_a_quarter_of_which_a_month_is_missing_has_no_sum(plan: SmallLake) -> None:
    assert periods(plan, "sum") == [
        (100, 100, "on_track", "reached"), (100, None, "not_reported", "not_entered"),
        (100, 120, "on_track", "reached"), (300, None, "not_reported", "month_not_entered"),
    ]  # fmt: skip


def test_a_period_is_held_against_what_was_said_by_its_end(plan: SmallLake) -> None:
    """The target was raised in August, and lowered three weeks after the quarter."""
    assert [planned for planned, *_ in periods(plan, "changed")] == [50, 60, 60, 60]
    assert plan.rows(
        """SELECT version_number, change_kind, target, previous_target, reason, is_rewritten_after_period,
            is_said_to_be_earlier, is_newest
        FROM marts.plan_target_history WHERE measure_id = 'changed' ORDER BY version_number"""
    ) == [
        (1, "adopted", 50, None, None, False, False, False),
        (2, "changed", 60, 50, "More staff", False, False, False),
        (3, "changed", 40, 60, "Counted otherwise", True, True, True),
    ]


def test_a_target_taken_out_of_the_plan_is_measured_until_then(plan: SmallLake) -> None:
    assert len(periods(plan, "dropped")) == 1
    assert plan.rows(
        """SELECT quarter, change_kind FROM marts.plan_target_history WHERE measure_id = 'dropped'
        ORDER BY seen_at, quarter"""
    ) == [(1, "adopted"), (2, "adopted"), (1, "withdrawn")]


def test_a_measure_may_take_its_figure_from_the_registry(plan: SmallLake) -> None:
    """1 of 2 in July, none in August, 3 of 3 in September: the quarter is 4 of 5, not the mean of its months."""
    assert periods(plan, "metric") == [
        (60, 50, "off_track", "missed_by_much"), (60, None, "not_assessable", "too_few"),
        (60, 100, "on_track", "reached"), (60, 80, "on_track", "reached"),
    ]  # fmt: skip
    shares = plan.rows(
        """SELECT sum(due_on_time_count) / sum(due_count) FROM marts.service_levels_daily
        WHERE day BETWEEN DATE '2026-07-01' AND DATE '2026-09-30'"""
    )
    assert shares == [(0.8,)]
    assert {rule for *_, rule in periods(plan, "odd")} == {"unknown_metric"}


def test_a_measure_on_a_feed_that_did_not_come_cannot_be_judged(plan: SmallLake, tmp_path_factory: Any) -> None:
    small = new_lake(tmp_path_factory.mktemp("red"))
    planville.write(small)
    with small.connect() as connection:
        connection.execute("DELETE FROM ops.delivery WHERE feed IN ('hotline__requests', 'planning__measures')")
        connection.execute("DELETE FROM records.service_request")
    assert failed(small.dbt("build", *HAND_WRITTEN, "--select", "+plan_progress", *MODELS[-2:])) == {}
    assert {rule for *_, rule in periods(small, "metric")} == {"data_not_ready"}
    # what was entered stands; of what was not, nobody can say that it was not
    assert [rule for *_, rule in periods(small, "late")] == ["reached", "reached", "data_not_ready", "data_not_ready"]


def test_a_report_that_came_late_says_by_how_many_days(plan: SmallLake) -> None:
    late = """SELECT measure_id, late_days FROM marts.plan_progress
        WHERE late_days > 0 AND start_date = DATE '2026-{}-01'"""
    assert plan.rows(late.format("07") + " AND period_kind = 'month'") == [("keep", 12)]
    # due on 20 October, and it is the 28th
    assert plan.rows(late.format("09")) == [("late", 8)]


def test_a_figure_is_compared_with_the_period_before(plan: SmallLake) -> None:
    trends = plan.rows(
        """SELECT measure_id, list(trend ORDER BY start_date) FROM marts.plan_progress
        WHERE period_kind = 'month' AND quarter = 1 AND measure_id IN ('up', 'down', 'keep', 'sum')
        GROUP BY 1 ORDER BY 1"""
    )
    assert trends == [
        ("down", [None, "worse", "better"]), ("keep", [None, "worse", "better"]), ("sum", [None, None, None]),
        ("up", [None, "worse", "worse"]),
    ]  # fmt: skip


def test_the_plan_as_a_whole_is_the_share_on_track(plan: SmallLake) -> None:
    """Of eight measures of the quarter one cannot be judged; of the park's only one no share is shown."""
    assert plan.rows(
        """SELECT grouping_code, measure_count, due_count, on_track_count, not_assessable_count,
            round(on_track_share, 3)
        FROM marts.plan_summaries WHERE period_kind = 'quarter' AND grouping_kind <> 'goal' ORDER BY 1"""
    ) == [("PRK", 1, 1, 0, 0, None), ("STR", 7, 6, 3, 1, 0.5), ("all", 8, 7, 3, 1, 0.429)]


def test_a_closed_edition_stays_as_it_was_and_what_came_late_is_added(editions: dict[str, Rows]) -> None:
    assert editions["before"] == []
    assert len(editions["closing"]) == 8 + 8
    added = [row for row in editions["late"] if row not in editions["closing"]]
    assert [row for row in editions["late"] if row not in added] == editions["closing"]
    assert added == [
        ("late", "month", 2, 60, 70, "on_track", None), ("late", "quarter", 2, 60, 70, "on_track", None),
        ("up", "month", 2, 100, 101, "on_track", 80), ("up", "quarter", 2, 100, 101, "on_track", 80),
    ]  # fmt: skip


def test_what_is_overdue_becomes_an_action_and_goes_up(plan: SmallLake) -> None:
    assert plan.rows(
        "SELECT action_key, cause, due_date::VARCHAR, severity FROM intermediate.int_actions_plans ORDER BY 1"
    ) == [
        ("plan_report:planning:late:2026-09-01", "missing", "2026-10-20", 1),
        ("plan_report:planning:sum:2026-08-01", "missing", "2026-09-20", 3),
        ("plan_task:planning:long ago", "late", "2026-09-27", 3),
        ("plan_task:planning:yesterday", "late", "2026-10-27", 1),
    ]  # fmt: skip


def test_a_payment_belongs_to_the_year_of_its_budget_on_both_sides_of_the_years_end(plan: SmallLake) -> None:
    """Fiscal year 2026 ended on 30 June with 400.00 of 500.00 paid, and 150.00 more were paid in July."""
    assert plan.rows(
        """SELECT fiscal_year, month::VARCHAR, paid_cents, paid_to_date_cents, execution_share, expected_share
        FROM marts.spending_monthly WHERE paid_cents > 0 AND programme_code = '01' ORDER BY ALL"""
    ) == [
        (2026, "2026-06-01", 40_000, 40_000, 0.8, 1.0), (2026, "2026-07-01", 15_000, 55_000, 1.1, 1.0),
        (2027, "2026-07-01", 25_000, 25_000, 0.25, 31 / 365), (2027, "2026-09-01", 10_000, 35_000, 0.35, 92 / 365),
    ]  # fmt: skip


def test_what_is_promised_is_not_left_and_what_no_budget_has_is_not_lost(plan: SmallLake) -> None:
    assert plan.rows(
        """SELECT budget_line_id, paid_to_date_cents, committed_cents, open_commitment_cents, remaining_cents,
            is_overspent
        FROM marts.budget_lines ORDER BY 1"""
    ) == [
        ("2026-STR", 55_000, 0, 0, -5_000, True), ("2027-STR", 35_000, 70_000, 35_000, 30_000, False),
        ("no such line", 333, 0, 0, None, False),
    ]  # fmt: skip
    assert plan.rows("SELECT sum(paid_cents) FROM marts.spending_monthly") == [(90_333,)]


def test_money_stands_beside_progress(plan: SmallLake) -> None:
    assert plan.rows(
        "SELECT month::VARCHAR, execution_share, measure_count, on_track_count FROM marts.plan_execution ORDER BY 1"
    ) == [
        ("2026-07-01", 0.25, 1, 1), ("2026-08-01", 0.25, 1, 0), ("2026-09-01", 0.35, 1, 0), ("2026-10-01", 0.35, 0, 0),
    ]  # fmt: skip
