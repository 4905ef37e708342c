"""Planning: the city plan's measures with a target a quarter, what was reached month by month, as office files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from sandbox.clock import FIRST_DATE, at, date_of, local_date, local_text, now_on
from sandbox.feed import Event, Feed, Record
from sandbox.world import World

YEAR = 2026
ADOPTED_AT = at(-284, 10 * 3600)
MONTHS_REPORTED = 9
TASKS_EACH = 3
GOALS = ("Safe streets", "Clean city", "Good services", "Fair chances")
MEASURES = (
    ("Potholes mended", "STR", "count", "up", 400), ("Street lights working", "LGT", "percent", "up", 94),
    ("Traffic signal faults", "STR", "count", "down", 130), ("Deaths on the road", "POL", "count", "down", 3),
    ("Burglaries", "POL", "count", "down", 160), ("First unit on scene", "FIR", "minutes", "down", 7),
    ("Waste collected", "SAN", "tonnes", "keep", 3_900), ("Waste recycled", "SAN", "percent", "up", 31),
    ("Missed collections", "SAN", "count", "down", 620), ("Graffiti removed", "STR", "count", "up", 260),
    ("Rodent visits", "HLT", "count", "down", 210), ("Water lost in pipes", "WAT", "percent", "down", 14),
    ("Requests closed on time", "ADM", "percent", "up", 66), ("Calls answered in a minute", "ADM", "percent", "up", 71),
    ("Permits issued in 20 days", "BLD", "percent", "up", 58), ("Unsafe buildings secured", "BLD", "count", "up", 22),
    ("Online applications", "ADM", "count", "up", 5_400), ("Data sets published", "ADM", "count", "up", 40),
    ("Homes repaired with a grant", "BLD", "count", "up", 35), ("Children in day care", "HLT", "count", "up", 2_350),
    ("Trees planted", "PRK", "count", "up", 180), ("Park visitors", "PRK", "count", "up", 41_000),
    ("Free library cards", "ADM", "count", "up", 1_150), ("Staff trained in data", "ADM", "count", "up", 60),
)  # fmt: skip

SUMS = {0, 8, 9, 20, 23}
"""Measures whose months are added to a quarter, by their place; all others are levels."""

METRICS = {5: "median_response_minutes", 12: "due_on_time_share"}
"""Measures that nobody enters by hand: the city works them out by a metric of its own."""

OWNERS = {
    "STR": "Street works office", "LGT": "Lighting office", "SAN": "Waste office", "HLT": "Health office",
    "POL": "Police planning office", "FIR": "Fire planning office", "WAT": "Waterworks office",
    "BLD": "Building office", "PRK": "Parks office", "ADM": "City manager's office",
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """A target that was changed: by what factor, on which day number, and why."""

    measure: int
    quarter: int
    factor: float
    day: int
    reason: str

    @property
    def changed_at(self) -> datetime:
        """The afternoon before the day on which the workbook shows it."""
        return at(self.day - 1, 15 * 3600)


CHANGES = (
    Change(4, 4, 1.05, -20, "Two districts joined the precinct"),
    Change(1, 4, 1.02, 2, "The council paid for 200 more lamps"),
    Change(8, 3, 1.3, 3, "Routes were counted otherwise"),
)
"""The second is announced in its quarter; the third is rewritten after its quarter has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target(Event):
    """What a measure shall reach in one quarter."""

    code: str
    goal: str
    name: str
    department: str
    unit: str
    direction: str
    baseline: float
    quarter: int
    target: float
    accrual: str
    metric: str | None
    budget_line: str
    change: Change | None

    def change_by(self, now: datetime) -> Change | None:
        """The change of the target, None before it was made."""
        return self.change if self.change and self.change.changed_at <= now else None

    def target_by(self, now: datetime) -> float:
        """The target as it stands at an instant."""
        change = self.change_by(now)
        return round(self.target * change.factor, 1) if change else self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured(Event):
    """What a measure reached in one month; `known_at` is when it was reported."""

    code: str
    month: int
    value: float


def _code(number: int) -> str:
    return f"M{number + 1:02d}"


def targets(world: World) -> list[Target]:
    """Four targets for each of the 24 measures."""
    dice = world.dice("planning", "targets")
    return [target for i, measure in enumerate(MEASURES) for target in _targets_of(i, measure, dice)]


def _targets_of(i: int, measure: tuple[str, str, str, str, int], dice: Random) -> list[Target]:
    name, department, unit, direction, baseline = measure
    step = {"up": 1, "down": -1, "keep": 0}[direction] * dice.uniform(0.01, 0.04)
    return [
        Target(
            key=f"{_code(i)}/{YEAR}/{quarter}",
            known_at=ADOPTED_AT,
            code=_code(i),
            goal=GOALS[i * len(GOALS) // len(MEASURES)],
            name=name,
            department=department,
            unit=unit,
            direction=direction,
            baseline=float(baseline),
            quarter=quarter,
            target=round(baseline * (3 if i in SUMS else 1) * (1 + step * quarter), 1),
            accrual="sum" if i in SUMS else "level",
            metric=METRICS.get(i),
            budget_line=f"{YEAR}-{department}-{i % 8 + 1:02d}",
            change=next((one for one in CHANGES if (one.measure, one.quarter) == (i, quarter)), None),
        )
        for quarter in (1, 2, 3, 4)
    ]


def _reported_at(i: int, month: int, dice: Random) -> datetime:
    """Mid next month; one September figure a day comes in late, on the days after day 0."""
    if month == MONTHS_REPORTED and i % 4 == 3:
        return now_on(i // 4 + 1) - timedelta(hours=16)
    first = date(YEAR, month, 28) - FIRST_DATE
    return at(first.days + dice.randrange(10, 20), 11 * 3600)


def measures(world: World) -> list[Measured]:
    """Every figure entered by hand from January to September, by measure and month."""
    dice = world.dice("planning", "measures")
    measured = [
        Measured(
            key=f"{_code(i)}/{YEAR}-{month:02d}",
            known_at=_reported_at(i, month, dice),
            code=_code(i),
            month=month,
            value=round(baseline * dice.uniform(0.85, 1.15), 1),
        )
        for i, (*_, baseline) in enumerate(MEASURES)
        for month in range(1, MONTHS_REPORTED + 1)
    ]
    return [one for one in measured if one.code not in {_code(i) for i in METRICS}]


def target_record(target: Target, now: datetime) -> Record:
    """One row of the workbook; figures are text with thousands commas, year and quarter are numbers."""
    change = target.change_by(now)
    return {
        "Measure code": target.code,
        "Goal": target.goal,
        "Measure": target.name,
        "Responsible department": target.department,
        "Unit": target.unit,
        "Direction": target.direction.capitalize(),
        "Baseline": f"{target.baseline:,.1f}",
        "Year": YEAR,
        "Quarter": target.quarter,
        "Target": f"{target.target_by(now):,.1f}",
        "Months make": {"sum": "Sum", "level": "Last"}[target.accrual],
        "Owner": OWNERS[target.department],
        "Metric": target.metric,
        "Budget line": target.budget_line,
        "Decided on": local_date(change.changed_at if change else target.known_at).isoformat(),
        "Reason": change.reason if change else None,
    }


def measure_record(measured: Measured, _now: datetime) -> Record:
    """One row of measures.csv."""
    return {
        "measure code": measured.code,
        "month": f"{YEAR}-{measured.month:02d}",
        "value": f"{measured.value:,.1f}",
        "reported on": local_date(measured.known_at).isoformat(),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Event):
    """One step towards a measure's target: begun, perhaps done, perhaps given up."""

    measure: int
    number: int
    due_date: date
    begun_at: datetime
    done_at: datetime | None
    is_cancelled: bool

    def status(self, now: datetime) -> str:
        """Where the task stands at an instant."""
        if self.done_at and self.done_at <= now:
            return "cancelled" if self.is_cancelled else "done"
        return "in_progress" if self.begun_at <= now else "planned"

    def done_date(self, now: datetime) -> date | None:
        """The day on which it was done, None before and when it was given up."""
        return local_date(self.done_at) if self.done_at and self.status(now) == "done" else None

    def changed_at(self, now: datetime) -> datetime:
        """The last change before an instant."""
        return max(moment for moment in (self.known_at, self.begun_at, self.done_at) if moment and moment <= now)


def tasks(world: World) -> list[Task]:
    """Three tasks for each measure, due between April and the end of the year."""
    dice = world.dice("planning", "tasks")
    return [_task(i, number, dice) for i in range(len(MEASURES)) for number in range(1, TASKS_EACH + 1)]


def _task(i: int, number: int, dice: Random) -> Task:
    due = dice.randrange(-200, 60)
    done = due + dice.choice((-9, -2, 0, 5, 40, 400))
    if i % 8 == 0 and number == 1:
        # a few are done from one day to the next, one with the first week's reports
        due, done = i // 8 * 4 - 1, i // 8 * 4
    return Task(
        key=f"T{i + 1:02d}-{number}",
        known_at=ADOPTED_AT,
        measure=i,
        number=number,
        due_date=date_of(due),
        begun_at=at(min(due, done) - dice.randrange(20, 70), 9 * 3600),
        done_at=at(done, 10 * 3600) if done < 300 else None,
        is_cancelled=dice.random() < 0.05,
    )


def task_record(task: Task, now: datetime) -> Record:
    """One row of tasks.csv."""
    name, department, *_ = MEASURES[task.measure]
    done = task.done_date(now)
    return {
        "task": task.key,
        "measure code": _code(task.measure),
        "goal": GOALS[task.measure * len(GOALS) // len(MEASURES)],
        "what": f"{name}: step {task.number} of {TASKS_EACH}",
        "milestone": "yes" if task.number == TASKS_EACH else "no",
        "department": department,
        "owner": OWNERS[department],
        "status": task.status(now).replace("_", " "),
        "due": task.due_date.isoformat(),
        "done": done.isoformat() if done else None,
        "reported at": local_text(task.changed_at(now)),
    }


TARGETS = Feed("planning__targets", targets, target_record)
MEASURED = Feed("planning__measures", measures, measure_record)
TASKS = Feed("planning__tasks", tasks, task_record, "reported at", local_text)
