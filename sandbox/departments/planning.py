"""Planning: the city plan's measures with a target a quarter, and what was reached month by month, as office files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from sandbox.clock import FIRST_DATE, at, local_date, now_on
from sandbox.feed import Event, Feed, Record
from sandbox.world import World

YEAR = 2026
ADOPTED_AT = at(-284, 10 * 3600)
MONTHS_REPORTED = 9
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
            target=round(baseline * (1 + step * quarter), 1),
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
    """Every monthly figure from January to September, by measure and month."""
    dice = world.dice("planning", "measures")
    return [
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


def target_record(target: Target, _now: datetime) -> Record:
    """One row of the workbook; figures are text with thousands commas, year and quarter are numbers."""
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
        "Target": f"{target.target:,.1f}",
    }


def measure_record(measured: Measured, _now: datetime) -> Record:
    """One row of measures.csv."""
    return {
        "measure code": measured.code,
        "month": f"{YEAR}-{measured.month:02d}",
        "value": f"{measured.value:,.1f}",
        "reported on": local_date(measured.known_at).isoformat(),
    }


TARGETS = Feed("planning__targets", targets, target_record)
MEASURED = Feed("planning__measures", measures, measure_record)
