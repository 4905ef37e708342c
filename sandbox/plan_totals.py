"""What is true of the city plan and of the money that pays for it, counted from events."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any

from sandbox.clock import date_of, local_date, now_on
from sandbox.departments import finance, planning
from sandbox.held import as_of, held_events
from sandbox.world import World

Row = dict[str, Any]
MONTHS_EACH = 3


def spending(world: World) -> list[Row]:
    """Paid and committed by month (its first day), department and programme, in cents."""
    rows: dict[tuple[str, str, str], Counter[str]] = {}
    for payment in held_events("finance__payments", world):
        rows.setdefault(_place(payment.paid_date, payment.line), Counter()).update(paid_cents=payment.amount_cents)
    now = as_of("finance__commitments", world.day)
    for contract in held_events("finance__commitments", world):
        if contract.status(now) == "active":
            place = _place(local_date(contract.signed_at), contract.line)
            rows.setdefault(place, Counter()).update(committed_cents=contract.amount_cents)
    names = ("month", "department_code", "programme_code")
    return [
        {**dict(zip(names, key, strict=True)), **{sum_: row[sum_] for sum_ in ("paid_cents", "committed_cents")}}
        for key, row in sorted(rows.items())
    ]


def _place(day: date, line: finance.BudgetLine) -> tuple[str, str, str]:
    return day.replace(day=1).isoformat(), line.department, f"{line.programme:02d}"


def payments_to_look_at(world: World) -> list[str]:
    """Numbers of the payments that were planted to be looked at, from the day on which they come."""
    return [f"PAY-{300 + finance.ODD_ON:03d}9{name}" for name in "ABCD"] if world.day >= finance.ODD_ON else []


def target_changes(world: World) -> list[Row]:
    """Targets changed since the first day: from what to what, and whether their quarter was over."""
    first, now = now_on(0), as_of("planning__targets", world.day)
    return [
        {
            "measure_id": target.code,
            "quarter": target.quarter,
            "from": target.target_by(first),
            "to": target.target_by(now),
            "is_after_period": local_date(target.change.changed_at) >= _quarter_end(target.quarter),
        }
        for target in held_events("planning__targets", world)
        if target.change_by(now) and not target.change_by(first)
    ]


def _quarter_end(quarter: int) -> date:
    """The first day that no longer belongs to a quarter."""
    month = MONTHS_EACH * quarter + 1
    return date(planning.YEAR + month // 13, (month - 1) % 12 + 1, 1)


def plan_months(world: World) -> list[Row]:
    """Each measure that is entered by hand, by month up to the last reported: its figure and how it stands."""
    values = {(one.code, one.month): one.value for one in held_events("planning__measures", world)}
    return [
        {
            "measure_id": target.code,
            "month": date(planning.YEAR, month, 1).isoformat(),
            "value": values.get((target.code, month)),
            "state": _state(target, values.get((target.code, month)), now_on(0)),
        }
        for target in held_events("planning__targets", world)
        if target.metric is None
        for month in range(MONTHS_EACH * (target.quarter - 1) + 1, MONTHS_EACH * target.quarter + 1)
        if month <= planning.MONTHS_REPORTED
    ]


def _state(target: planning.Target, value: float | None, first: datetime) -> str:
    """How a figure stands against the target as it was when the lake first saw it, in every month long past."""
    if value is None:
        return "not_reported"
    plan = target.target_by(first) / (MONTHS_EACH if target.accrual == "sum" else 1)
    short = {"up": plan - value, "down": value - plan, "keep": abs(value - plan)}[target.direction]
    fine = 0.05 if target.direction == "keep" else 0.0
    if short <= fine * plan + 1e-9:
        return "on_track"
    return "behind" if short <= 0.1 * plan + 1e-9 else "off_track"


def plan_tasks(world: World) -> list[Row]:
    """Every task with its state and the days by which it is overdue or was done late."""
    now, today = as_of("planning__tasks", world.day), date_of(world.day)
    rows = []
    for task in held_events("planning__tasks", world):
        status, done = task.status(now), task.done_date(now)
        late = max(((done or today) - task.due_date).days, 0)
        state = {"done": "done_late" if late else "done", "cancelled": "cancelled"}.get(
            status, "overdue" if late else "open"
        )
        rows.append({"task_id": task.key, "state": state, "overdue_days": None if state == "cancelled" else late})
    return rows
