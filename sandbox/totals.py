"""The city's true figures, counted from its events and never from what the systems served.

Dates are local. A figure's day is the day of the event itself: a request's day is the one on which it was made, but
`due_count` stands on the day on which the promised time fell, and `requests_closed` on the day of closing. Requests
that were cancelled, are duplicates or came from inside the city count apart from those that residents wait for: each is
of one class, the first of these, and only the others are counted as due, on time and closed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from datetime import date
from typing import Any

from sandbox.clock import local_date
from sandbox.departments import finance, statistics
from sandbox.departments.hotline import Request
from sandbox.held import as_of, held_events
from sandbox.world import World

Row = dict[str, Any]
HOTLINE_FEEDS = ("hotline__requests", "hotline__park_requests")
REQUEST_FIGURES = (
    "opened", "counted", "duplicates", "internal", "cancelled", "closed_by_now", "open_now", "with_target", "due_count",
    "due_on_time_count",
)  # fmt: skip


def _rows(counts: Counter[Any], names: tuple[str, ...], figure: str) -> list[Row]:
    return [{**dict(zip(names, key, strict=True)), figure: count} for key, count in sorted(counts.items())]


def _counted(events: Iterable[Any], key: Callable[[Any], Hashable], names: tuple[str, ...], figure: str) -> list[Row]:
    return _rows(Counter(key(event) for event in events), names, figure)


def _text(day: date) -> str:
    return day.isoformat()


def _asked(world: World) -> list[tuple[Request, str]]:
    """Every held request with its status as of the last state loaded."""
    return [
        (request, request.status(as_of(feed, world.day)))
        for feed in HOTLINE_FEEDS
        for request in held_events(feed, world)
    ]


def _class_of(request: Request, status: str) -> str:
    if status == "cancelled":
        return "cancelled"
    if request.duplicate_of is not None:
        return "duplicates"
    return "internal" if request.channel == "internal" else "counted"


def _is_on_time(request: Request, status: str) -> bool:
    target, closed = request.target_at, request.closed_at
    return status == "closed" and closed is not None and target is not None and closed <= target


def requests(world: World) -> list[Row]:
    """By day, district, agency and service; every request held is opened, and of one class."""
    rows: dict[tuple[str, ...], Counter[str]] = {}
    for request, status in _asked(world):
        place = (request.place.district.code, request.service.agency, request.service.code)
        made = rows.setdefault((_text(local_date(request.known_at)), *place), Counter())
        made.update(_figures(request, status))
        if request.target_at and _class_of(request, status) == "counted":
            due = rows.setdefault((_text(local_date(request.target_at)), *place), Counter())
            due.update(due_count=1, due_on_time_count=int(_is_on_time(request, status)))
    names = ("date", "area_code", "agency", "service_code")
    return [
        {**dict(zip(names, key, strict=True)), **{figure: row[figure] for figure in REQUEST_FIGURES}}
        for key, row in sorted(rows.items())
    ]


def _figures(request: Request, status: str) -> dict[str, int]:
    return {
        "opened": 1,
        _class_of(request, status): 1,
        "closed_by_now": int(status == "closed"),
        "open_now": int(status == "open"),
        "with_target": int(request.target_at is not None),
    }


def requests_closed(world: World) -> list[Row]:
    """Counted requests that are closed, by the day of closing and district."""
    closed = (
        (_text(local_date(request.closed_at)), request.place.district.code)
        for request, status in _asked(world)
        if status == "closed" and request.closed_at and _class_of(request, status) == "counted"
    )
    return _rows(Counter(closed), ("date", "area_code"), "closed")


def incidents(world: World) -> list[Row]:
    """Incidents by the day on which they happened, district and category."""
    return _counted(
        held_events("police__incidents", world),
        lambda event: (_text(local_date(event.occurred_at)), event.place.district.code, event.category),
        ("date", "area_code", "category"),
        "incidents",
    )


def emergency(world: World) -> list[Row]:
    """Emergencies by day and district: how many, how many were reached, and the minutes to the first unit, summed."""
    now = as_of("fire__calls", world.day)
    calls: dict[str, list[Any]] = {}
    for unit in held_events("fire__calls", world):
        calls.setdefault(unit.incident, []).append(unit)
    rows: dict[tuple[str, str], Row] = {}
    for units in calls.values():
        key = (_text(local_date(units[0].known_at)), units[0].place.district.code)
        row = rows.setdefault(key, {"incidents": 0, "with_on_scene": 0, "first_on_scene_minutes_sum": 0.0})
        arrivals = [unit.on_scene_at for unit in units if unit.on_scene_at and unit.on_scene_at <= now]
        row["incidents"] += 1
        if arrivals:
            row["with_on_scene"] += 1
            row["first_on_scene_minutes_sum"] += (min(arrivals) - units[0].known_at).total_seconds() / 60
        row["first_on_scene_minutes_sum"] = round(row["first_on_scene_minutes_sum"], 4)
    return [{"date": day, "area_code": area, **row} for (day, area), row in sorted(rows.items())]


def permits(world: World) -> list[Row]:
    """Permits applied for and issued by month (its first day) and district."""
    now = as_of("buildings__permits", world.day)
    rows: dict[tuple[str, str], Counter[str]] = {}
    for permit in held_events("buildings__permits", world):
        area = permit.place.district.code
        rows.setdefault((_text(permit.applied_date.replace(day=1)), area), Counter()).update(applied=1)
        if permit.issued_at <= now:
            month = _text(local_date(permit.issued_at).replace(day=1))
            rows.setdefault((month, area), Counter()).update(issued=1)
    return [
        {"month": month, "area_code": area, "applied": row["applied"], "issued": row["issued"]}
        for (month, area), row in sorted(rows.items())
    ]


def payments(world: World) -> list[Row]:
    """Payments by day and department, in cents."""
    rows: dict[tuple[str, str], Counter[str]] = {}
    for payment in held_events("finance__payments", world):
        row = rows.setdefault((_text(payment.paid_date), payment.line.department), Counter())
        row.update(amount_cents=payment.amount_cents, payments=1)
    return [{"date": day, "department_code": code, **row} for (day, code), row in sorted(rows.items())]


def observations(world: World) -> list[Row]:
    """Readings by day and property."""
    return _counted(
        held_events("lighting__observations", world),
        lambda event: (_text(local_date(event.measured_at)), event.observed.code),
        ("date", "property_code"),
        "observations",
    )


def opinion_items(world: World) -> list[Row]:
    """News items and forum posts by day of publication and source."""
    dated = [
        (_text(local_date(event.known_at)), source)
        for source in ("news", "forum")
        for event in held_events(f"voice__{source}", world)
    ]
    return _rows(Counter(dated), ("date", "source"), "items")


def population(world: World) -> dict[str, int]:
    """Inhabitants of each district in the latest year, all ages and sexes; the city's own total row is left out."""
    return {
        row.area: row.inhabitants
        for row in held_events("statistics__population", world)
        if row.year == max(statistics.YEARS)
        and (row.age_group, row.sex) == (statistics.ALL_AGES, statistics.ALL_SEXES)
        and row.area != statistics.WHOLE_CITY
    }


def budget(world: World) -> list[Row]:
    """The budget lines held, in cents; `revised_cents` is null where the council changed nothing."""
    now = as_of("finance__budget_lines", world.day)
    return [
        {
            "budget_line_id": line.key,
            "fiscal_year": finance.FISCAL_YEAR,
            "department_code": line.department,
            "programme_code": f"{line.programme:02d}",
            "approved_cents": line.approved_cents,
            "revised_cents": line.revised(now),
        }
        for line in held_events("finance__budget_lines", world)
    ]


TOTALS: dict[str, Callable[[World], Any]] = {
    "requests": requests,
    "requests_closed": requests_closed,
    "incidents": incidents,
    "emergency": emergency,
    "permits": permits,
    "payments": payments,
    "observations": observations,
    "opinion_items": opinion_items,
    "population": population,
    "budget": budget,
}
