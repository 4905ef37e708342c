"""The city's true figures, counted from its events and never from what the systems served.

Dates are local. A figure's day is the day of the event itself: a request's day is the one on which it was made, but
`due_count` stands on the day on which the promised time fell, and `requests_closed` on the day of closing. Requests
that were cancelled, are duplicates or came from inside the city count apart from those that residents wait for: each is
of one class, the first of these, and only the others are counted as due, on time and closed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sandbox import plan_totals
from sandbox.clock import at, day_of, local_date
from sandbox.dark_nights import nights
from sandbox.departments import finance, statistics, storm
from sandbox.departments.hotline import Request
from sandbox.held import as_of, held_events
from sandbox.world import World

Row = dict[str, Any]
WINDOW_HOURS = 3
ANSWER_LIMIT, INSTANT, SATISFIED_FROM = timedelta(hours=24), timedelta(minutes=10), 4
READINGS = ("lighting__observations", "lighting__lamp_power")
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
    """Every held request, closed when it was closed last, with its status, as of the last state loaded."""
    return [
        (replace(request, closed_at=request.closing(now)), request.status(now))
        for request, now in _held_requests(world)
    ]


def _held_requests(world: World) -> Iterator[tuple[Request, datetime]]:
    for feed in HOTLINE_FEEDS:
        for request in held_events(feed, world):
            yield request, as_of(feed, world.day)


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


def requests_reopened(world: World) -> list[Row]:
    """How often counted requests were opened again, by the day of it and district."""
    reopened = (
        (_text(local_date(request.reopened_at)), request.place.district.code)
        for request, now in _held_requests(world)
        if request.reopened_at and request.reopened_at <= now
    )
    return _rows(Counter(reopened), ("date", "area_code"), "reopened")


SERVICE_FIGURES = (
    "assigned", "answered_in_limit", "resolved", "date_only", "closed", "instant", "without_fix_evidence", "ratings",
    "satisfied",
)  # fmt: skip


def service_months(world: World) -> list[Row]:
    """By month and service: what was done about counted requests, and what residents say of it.

    Assigned, answered and resolved stand in the month of the request, as does what bears a date without a time, of
    every class; closed, at once or without being fixed, in that of closing; answers to the survey in that of closing.
    """
    rows: dict[tuple[str, str], Counter[str]] = {}

    def add(day: date, service: str, **figures: int) -> None:
        rows.setdefault((_text(day.replace(day=1)), service), Counter()).update(figures)

    for request, now in _held_requests(world):
        status, closed = request.status(now), request.closing(now)
        service, made = request.service.code, local_date(request.known_at)
        is_date_only = any(moment and moment == at(day_of(moment)) for moment in (request.known_at, closed))
        is_fixed = status == "closed" and request.outcome == "fixed"
        add(made, service, date_only=int(is_date_only))
        if _class_of(request, status) != "counted":
            continue
        add(made, service, assigned=1, answered_in_limit=int(_is_answered(request, now)), resolved=int(is_fixed))
        if closed:
            is_instant = closed - request.known_at < INSTANT and not is_date_only
            figures = {"closed": 1, "instant": int(is_instant), "without_fix_evidence": int(not is_fixed)}
            add(local_date(closed), service, **figures)
    for rating in held_events("hotline__ratings", world):
        add(rating.month, rating.service_code, ratings=1, satisfied=int(rating.satisfaction >= SATISFIED_FROM))
    return [
        {"month": month, "service_code": service, **{name: row[name] for name in SERVICE_FIGURES}}
        for (month, service), row in sorted(rows.items())
    ]


def _is_answered(request: Request, now: datetime) -> bool:
    """Whether the first answer came within the limit; who closes has answered."""
    answers = (request.assigned_at if request.is_answer_told else None, request.closed_at)
    told = [answer for answer in answers if answer and answer <= now]
    return bool(told) and min(told) - request.known_at <= ANSWER_LIMIT


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


def responses(world: World) -> list[Row]:
    """Units by day and district of the call: how many were sent, how many came, and the seconds that these took."""
    now = as_of("fire__calls", world.day)
    rows: dict[tuple[str, str], Counter[str]] = {}
    for unit in held_events("fire__calls", world):
        row = rows.setdefault((_text(local_date(unit.known_at)), unit.place.district.code), Counter())
        row["responses"] += 1
        if unit.on_scene_at and unit.on_scene_at <= now:
            row["valid"] += 1
            row["turnout_seconds"] += int((unit.en_route_at - unit.dispatched_at).total_seconds())
            row["travel_seconds"] += int((unit.on_scene_at - unit.en_route_at).total_seconds())
    names = ("responses", "valid", "turnout_seconds", "travel_seconds")
    return [
        {"date": day, "area_code": area, **{name: row[name] for name in names}}
        for (day, area), row in sorted(rows.items())
    ]


def hot_spots(world: World) -> list[Row]:
    """Three hours by three hours of each storm, what is to be seen of it: the calls of a type from a struck district.

    From the second window on a burst is confirmed. No other district and type has as many calls at any time.
    """
    incidents = {unit.incident: unit for unit in held_events("fire__calls", world)}.values()
    rows = []
    for one in storm.storms(world):
        for start in (one.start + timedelta(hours=hour) for hour in range(0, one.hours, WINDOW_HOURS)):
            end = start + timedelta(hours=WINDOW_HOURS)
            if end > as_of("fire__calls", world.day):
                continue
            calls = Counter((u.place.district.code, u.call_type) for u in incidents if start <= u.known_at < end)
            rows += [
                {
                    "window_start": start.isoformat(),
                    "area_code": code,
                    "category": call_type.lower(),
                    "incidents": calls[code, call_type],
                    "is_confirmed": start > one.start,
                }
                for code in one.district_codes
                for call_type in storm.CALL_TYPES
            ]
    return rows


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
        [event for feed in READINGS for event in held_events(feed, world)],
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
    "requests_reopened": requests_reopened,
    "service_months": service_months,
    "incidents": incidents,
    "emergency": emergency,
    "responses": responses,
    "hot_spots": hot_spots,
    "permits": permits,
    "payments": payments,
    "observations": observations,
    "street_lights": nights,
    "opinion_items": opinion_items,
    "population": population,
    "budget": budget,
    "spending": plan_totals.spending,
    "payments_to_look_at": plan_totals.payments_to_look_at,
    "target_changes": plan_totals.target_changes,
    "plan_months": plan_totals.plan_months,
    "plan_tasks": plan_totals.plan_tasks,
}
