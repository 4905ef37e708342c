"""An invented city plan, written by hand so that each state can be worked out on paper.

The fiscal year begins in July: quarter 1 of 2027 is July to September 2026. Months are reported 20 days after they end
and close after 30; up and down may be missed by a tenth, keep by a twentieth and a tenth.
"""

from __future__ import annotations

from typing import Any

from tests.dbt_project.small_lake import SmallLake

BEFORE_CLOSING, AFTER_CLOSING, LATE = "2026-10-28 12:00:00+00", "2026-11-02 12:00:00+00", "2026-11-06 12:00:00+00"
"""Instants of three builds: September closes on 30 October, and one figure of it comes on 5 November."""


def write(small: SmallLake) -> None:
    """Fill an empty lake with the plan as it stands before the closing."""
    _city(small)
    _targets(small)
    _figures(small)
    _requests(small)
    _tasks(small)
    _money(small)


def move_clock(small: SmallLake, as_of: str) -> None:
    """Let the next build be that of another instant."""
    with small.connect() as connection:
        connection.execute("UPDATE ops.clock SET as_of = ?", [as_of])


def report_late(small: SmallLake) -> None:
    """Enter September's figure of one measure six days after the closing, and correct another's."""
    small.deliver("planning__measures", "plan_measure",
        figure("late", 9, 70, "2026-11-05", "2026-11-05 12:00:00+00"),
        figure("up", 9, 101, "2026-11-05", "2026-11-05 12:00:00+00"),
    )  # fmt: skip


def _city(small: SmallLake) -> None:
    small.add("ops.city", {"city": "planville", "time_zone": "America/Chicago", "fiscal_year_month": 7})
    small.add("ops.clock", {"as_of": BEFORE_CLOSING})
    small.add("ops.area_code", {"area_code": "W"})
    feeds = {
        "planning__targets": "plan_target", "planning__measures": "plan_measure", "planning__tasks": "plan_task",
        "hotline__requests": "service_request", "finance__lines": "budget_line", "finance__payments": "payment",
    }  # fmt: skip
    for name in ("planning", "hotline", "finance"):
        small.add("ops.department", {"department": name, "title_en": name.title(), "schedule": "0 5 1 * *"})
    small.add("ops.feed", *[
        {"feed": feed, "department": feed.split("__")[0], "contract": contract, "schedule": "0 5 1 * *", "due": "06:30",
         "matters": 1, "critical": False, "active_from": "2026-10-01"}
        for feed, contract in feeds.items()
    ])  # fmt: skip
    small.add("ops.delivery", *[
        {"feed": feed, "delivery_id": f"{feed}-{month}", "department": feed.split("__")[0], "verdict": "accepted",
         "received": 1, "accepted": 1, "unchanged": 0, "duplicate": 0, "set_aside": 0,
         "fetched_at": f"2026-{month}-01 11:00:00+00", "loaded_at": f"2026-{month}-01 11:00:00+00"}
        for feed in feeds for month in ("10", "11")
    ])  # fmt: skip


def target(measure: str, value: float, loaded_at: str = "2026-07-02 12:00:00+00", **more: Any) -> dict[str, Any]:
    """Return a target of the first quarter; all measures are levels in points unless told."""
    return {
        "measure_id": measure, "year": 2027, "quarter": 1, "measure_name": measure.title(), "goal": "Good city",
        "department_code": "STR", "unit_code": "points", "direction": "up", "target": value,
        "owner_role": "Street office", "_loaded_at": loaded_at, **more,
    }  # fmt: skip


def figure(measure: str, month: int, value: float, reported: str = "", loaded_at: str = "") -> dict[str, Any]:
    """Return a month's figure, reported on the 10th of the month after and loaded on the 11th unless told."""
    return {
        "measure_id": measure, "period_date": f"2026-{month:02}-01", "value": value,
        "reported_date": reported or f"2026-{month + 1:02}-10",
        "_loaded_at": loaded_at or f"2026-{month + 1:02}-11 12:00:00+00",
    }  # fmt: skip


def _targets(small: SmallLake) -> None:
    small.deliver("planning__targets", "plan_target",
        target("up", 100), target("down", 10, direction="down"), target("keep", 200, direction="keep"),
        target("sum", 300, accrual="sum", department_code="PRK"), target("late", 60),
        target("changed", 50, adopted_date="2026-06-20", budget_line_id="2027-STR"),
        target("metric", 60, unit_code="percent", metric_id="due_on_time_share", goal="Good services"),
        target("odd", 1, metric_id="no_such_metric", goal="Good services"),
        target("dropped", 5), target("dropped", 5, quarter=2),
    )  # fmt: skip
    small.deliver("planning__targets", "plan_target",
        target("changed", 60, "2026-08-15 12:00:00+00", reason="More staff", adopted_date="2026-08-10"),
        {**target("dropped", 5, "2026-08-15 12:00:00+00"), "_op": "D"},
    )  # fmt: skip
    # said to be of September, and first heard of three weeks after the quarter
    small.deliver("planning__targets", "plan_target",
        target("changed", 40, "2026-10-20 12:00:00+00", reason="Counted otherwise", adopted_date="2026-09-29",
               budget_line_id="2027-STR"),
        # other words for the same target are no change of it
        target("up", 100, "2026-10-20 12:00:00+00", goal="A good city"),
    )  # fmt: skip


def _figures(small: SmallLake) -> None:
    months = {
        "up": (100, 95, 80), "down": (8, 11, 0), "keep": (None, 215, 190), "sum": (100, None, 120),
        "changed": (50, 55, 45), "late": (66, 66, None), "dropped": (1, None, None),
    }  # fmt: skip
    small.deliver("planning__measures", "plan_measure", *[
        figure(measure, month, value)
        for measure, values in months.items() for month, value in zip((7, 8, 9), values, strict=True)
        if value is not None
    ])  # fmt: skip
    # one of July came 12 days after it was due, another was corrected then
    small.deliver("planning__measures", "plan_measure",
        figure("keep", 7, 209, "2026-09-01", "2026-09-01 12:00:00+00"),
        figure("down", 7, 9, "2026-09-01", "2026-09-01 12:00:00+00"),
    )  # fmt: skip


def _requests(small: SmallLake) -> None:
    """Of two that fell due in July one was closed in time; of three in September all were; none in August."""
    ends = [(7, True), (7, False), (9, True), (9, True), (9, True)]
    small.deliver("hotline__requests", "service_request", *[
        {"request_id": f"R{i}", "requested_at": "2026-07-01 15:00:00+00", "status": "closed", "service_code": "P",
         "expected_at": f"2026-{month:02}-20 15:00:00+00",
         "closed_at": f"2026-{month:02}-{19 if on_time else 21} 15:00:00+00"}
        for i, (month, on_time) in enumerate(ends)
    ])  # fmt: skip


def _tasks(small: SmallLake) -> None:
    small.deliver("planning__tasks", "plan_task", *[
        {"task_id": task, "task_name": task.title(), "department_code": "STR", "owner_role": "Street office",
         "status": status, "due_date": due, "done_date": done, "updated_at": "2026-10-01 12:00:00+00"}
        for task, status, due, done in (
            ("in time", "done", "2026-09-30", "2026-09-30"), ("done late", "done", "2026-09-30", "2026-10-04"),
            ("today", "in_progress", "2026-10-28", None), ("yesterday", "in_progress", "2026-10-27", None),
            ("long ago", "planned", "2026-09-27", None), ("given up", "cancelled", "2026-01-01", None),
        )
    ])  # fmt: skip


def _money(small: SmallLake) -> None:
    small.deliver("finance__lines", "budget_line",
        {"budget_line_id": "2027-STR", "fiscal_year": 2027, "department_code": "STR", "programme_code": "01",
         "programme_name": "Upkeep", "approved_cents": 80_000, "revised_cents": 100_000},
        {"budget_line_id": "2026-STR", "fiscal_year": 2026, "department_code": "STR", "programme_code": "01",
         "programme_name": "Upkeep", "approved_cents": 50_000},
    )  # fmt: skip
    small.deliver("finance__commitments", "commitment", *[
        {"commitment_id": number, "budget_line_id": "2027-STR", "status": status, "signed_date": signed,
         "amount_cents": cents}
        for number, status, signed, cents in (
            ("K1", "active", "2026-07-15", 60_000), ("K2", "cancelled", "2026-08-15", 7_000),
            ("K3", "pending", None, 900), ("K4", "terminated", "2026-08-20", 10_000),
        )
    ])  # fmt: skip
    small.deliver("finance__payments", "payment", *[
        {"payment_id": number, "budget_line_id": line, "commitment_id": contract, "paid_date": paid,
         "payee_name": "a" * 32, "payee_kind": "company", "amount_cents": cents}
        for number, line, contract, paid, cents in (
            # on both sides of the year's end; the last one pays for the old year in the new one
            ("P1", "2026-STR", None, "2026-06-30", 40_000), ("P2", "2027-STR", "K1", "2026-07-01", 25_000),
            ("P3", "2026-STR", None, "2026-07-05", 15_000), ("P4", "2027-STR", "K4", "2026-09-10", 10_000),
            ("P5", "no such line", None, "2026-09-11", 333),
        )
    ])  # fmt: skip
