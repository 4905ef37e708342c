"""A city of eight departments through 2026, in which sixty gaps are planted and everything else comes as promised.

The plan is the truth: the lake is written from it, and the marts must find it again, no more and no less. It is
Thursday 31 December 2026, noon, in America/Chicago. Records lie half an hour before midnight, where a day told by UTC
would be the wrong one all the year round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from tests.dbt_project.small_lake import SmallLake

ZONE = ZoneInfo("America/Chicago")
AREAS = ("D1", "D2", "D3", "D4")
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
AS_OF = datetime(2026, 12, 31, 18, tzinfo=UTC)
DIMENSIONS = ("complete", "unique", "consistent", "valid", "accurate")


@dataclass(frozen=True)
class Gap:
    """One planted gap; `filled` is the day on which it was filled, and `by` how."""

    kind: str
    subject: str
    first: date
    last: date
    area: str | None = None
    detail: str | None = None
    filled: date | None = None
    by: str | None = None


@dataclass(frozen=True)
class FeedPlan:
    """One feed: on which days it is due, which records it brings, and what it promised to cover."""

    contract: str
    schedule: str
    is_due: Callable[[date], bool]
    field: str
    period: str | None = None
    areas: Sequence[str | None] = (None,)
    records: Callable[[date], bool] = lambda day: day.day == 10
    active_from: date = FIRST
    since: date | None = None
    promised: str | None = None


def _daily(day: date) -> bool:
    return True


FEEDS = {
    "hotline__requests": FeedPlan("service_request", "0 5 * * *", _daily, "requested_at", "day", AREAS, _daily),
    "police__incidents": FeedPlan("incident", "0 5 * * *", _daily, "occurred_at", "month", AREAS),
    "fire__calls": FeedPlan("emergency_call", "0 5 * * *", _daily, "received_at"),
    "buildings__permits": FeedPlan(
        "permit", "0 5 * * 1-5", lambda day: day.isoweekday() < 6, "applied_date", "month", (None,), _daily,
        promised="issued_date",
    ),
    "finance__payments": FeedPlan("payment", "0 5 5 * *", lambda day: day.day == 5, "paid_date", "month"),
    "health__inspections": FeedPlan(
        "inspection", "0 5 * * 1", lambda day: day.isoweekday() == 1, "inspection_date", "month", AREAS
    ),
    "statistics__population": FeedPlan(
        "population", "0 5 15 1 *", lambda day: (day.month, day.day) == (1, 15), "year", "year", AREAS,
        lambda day: (day.month, day.day) == (7, 1), since=date(2023, 1, 1),
    ),
    "voice__items": FeedPlan(
        "opinion_item", "0 5 * * *", _daily, "published_at", "month", AREAS, active_from=date(2026, 6, 15)
    ),
    "voice__surveys": FeedPlan("opinion_item", "@monthly", lambda day: day.day == 1, "published_at",
                               active_from=date(2026, 9, 1)),
}  # fmt: skip
HOTLINE, POLICE, FIRE, BUILDINGS, FINANCE, HEALTH, STATISTICS, VOICE, SURVEYS = FEEDS


def _day(month: int, day: int) -> date:
    return date(2026, month, day)


def _month(month: int) -> tuple[date, date]:
    return _day(month, 1), date(2026 + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _days(subject: str, first: date, last: date, filled: date | None, by: str = "late_arrival") -> Gap:
    return Gap("days_missing", subject, first, last, filled=filled, by=by if filled else None)


def _area(subject: str, days: tuple[date, date], area: str, filled: date | None = None, by: str | None = None) -> Gap:
    return Gap("area_missing", subject, *days, area, filled=filled, by=by)


def _whole(subject: str, days: tuple[date, date], filled: date | None = None, by: str | None = None) -> Gap:
    return Gap("period_missing", subject, *days, filled=filled, by=by)


def _late(subject: str, day: date) -> Gap:
    return Gap("late", subject, day, day, filled=day, by="late_arrival")


NEVER = (
    Gap("never_connected", "fire__hydrants", _day(3, 1), LAST),
    Gap("never_connected", "buildings__demolitions", _day(1, 15), LAST),
    # due on the first of each month: of September to December none came
    Gap("never_connected", SURVEYS, _day(9, 1), _day(12, 1)),
)
MISSING_DAYS = (
    _days(FIRE, _day(1, 7), _day(1, 7), _day(1, 8)),
    _days(FIRE, _day(3, 8), _day(3, 8), _day(3, 9)),
    _days(FIRE, _day(7, 4), _day(7, 6), _day(7, 7)),
    _days(FIRE, _day(9, 9), _day(9, 9), _day(9, 9), "back_fill"),
    _days(FIRE, _day(11, 1), _day(11, 1), _day(11, 2)),
    _days(FIRE, _day(12, 29), _day(12, 31), None),
    _days(HOTLINE, _day(2, 3), _day(2, 4), _day(2, 5)),
    _days(HOTLINE, _day(8, 20), _day(8, 20), _day(8, 21)),
    _days(POLICE, _day(5, 14), _day(5, 20), _day(5, 21)),
    _days(POLICE, _day(10, 3), _day(10, 3), _day(10, 3), "back_fill"),
    # a Friday and the Monday after it: nothing is due in between
    _days(BUILDINGS, _day(6, 12), _day(6, 15), _day(6, 16)),
    _days(HEALTH, _day(4, 13), _day(4, 13), _day(4, 20)),
    _days(FINANCE, _day(8, 5), _day(8, 5), _day(9, 5)),
    _days(VOICE, _day(7, 19), _day(7, 19), _day(7, 20)),
)
LATE = (
    *(_late(FIRE, _day(month, 17)) for month in (1, 4, 10)),
    *(_late(POLICE, _day(month, 8)) for month in (3, 7)),
    _late(HOTLINE, _day(11, 1)),
    _late(BUILDINGS, _day(9, 7)),
    _late(FINANCE, _day(5, 5)),
    _late(HEALTH, _day(6, 1)),
    _late(STATISTICS, _day(1, 15)),
)
MISSING_AREAS = (
    _area(HOTLINE, (_day(1, 20), _day(1, 20)), "D3"),
    _area(HOTLINE, (_day(2, 14), _day(2, 14)), "D1", _day(2, 18), "late_arrival"),
    _area(HOTLINE, (_day(3, 8), _day(3, 8)), "D2"),
    _area(HOTLINE, (_day(3, 20), _day(3, 24)), "D4", _day(4, 2), "back_fill"),
    _area(HOTLINE, (_day(5, 1), _day(5, 1)), "D1", _day(5, 6), "replay"),
    # the same day in two districts, one of which came back later
    _area(HOTLINE, (_day(6, 6), _day(6, 7)), "D1"),
    _area(HOTLINE, (_day(6, 6), _day(6, 6)), "D2", _day(6, 9), "late_arrival"),
    _area(HOTLINE, (_day(9, 30), _day(10, 1)), "D3"),
    _area(HOTLINE, (_day(11, 1), _day(11, 1)), "D4", _day(11, 5), "back_fill"),
    _area(HOTLINE, (_day(12, 30), _day(12, 30)), "D2"),
    _area(POLICE, _month(2), "D1"),
    _area(POLICE, (_day(4, 1), _day(5, 31)), "D3", _day(7, 1), "back_fill"),
    _area(POLICE, _month(11), "D4"),
    _area(HEALTH, _month(3), "D2", _day(4, 20), "late_arrival"),
    _area(HEALTH, _month(9), "D1"),
    _area(VOICE, _month(8), "D3"),
    _area(VOICE, (_day(10, 1), _day(11, 30)), "D4"),
    # counted by an estimate meanwhile
    Gap("area_missing", STATISTICS, date(2025, 1, 1), date(2025, 12, 31), "D3", by="estimate"),
)
MISSING_PERIODS = (
    _whole(HOTLINE, (_day(4, 11), _day(4, 11))),
    _whole(HOTLINE, (_day(7, 24), _day(7, 26)), _day(7, 30), "back_fill"),
    _whole(HOTLINE, (_day(10, 25), _day(10, 25)), _day(10, 28), "late_arrival"),
    _whole(FINANCE, _month(3)),
    _whole(FINANCE, _month(5), _day(6, 20), "back_fill"),
    _whole(VOICE, _month(9)),
    Gap("period_missing", STATISTICS, date(2023, 1, 1), date(2023, 12, 31), by="estimate"),
)
BLANK = (
    Gap("field_blank", BUILDINGS, _day(2, 2), _day(2, 13), detail="issued_date", filled=_day(2, 16), by="late_arrival"),
    Gap("field_blank", BUILDINGS, _day(7, 6), _day(7, 10), detail="issued_date", filled=_day(7, 13), by="late_arrival"),
    Gap("field_blank", BUILDINGS, _day(10, 1), _day(10, 30), detail="issued_date", filled=_day(11, 2),
        by="late_arrival"),
    Gap("field_blank", BUILDINGS, _day(12, 21), _day(12, 31), detail="issued_date"),
)  # fmt: skip
UNMEASURED = (
    Gap("not_measured", "fire", FIRST, LAST, detail="accurate"),
    Gap("not_measured", "finance", _day(1, 5), LAST, detail="unique"),
    Gap("not_measured", "statistics", _day(1, 15), LAST, detail="accurate"),
    Gap("not_measured", "voice", _day(6, 15), LAST, detail="consistent"),
)
PLAN = (*NEVER, *MISSING_DAYS, *LATE, *MISSING_AREAS, *MISSING_PERIODS, *BLANK, *UNMEASURED)


def write(small: SmallLake) -> None:
    """Fill an empty lake with the year."""
    _city(small)
    rows = [delivery for feed in FEEDS for delivery in _deliveries(feed)]
    _insert(small, "ops.delivery", [row for row in rows if "replays" not in row])
    _insert(small, "ops.delivery", [row for row in rows if "replays" in row])
    for feed in FEEDS:
        _insert(small, f"records.{FEEDS[feed].contract}", list(_records(feed)))
    _checks(small)


def _city(small: SmallLake) -> None:
    small.add("ops.city", {"city": "gaps", "title_en": "Gaps", "time_zone": "America/Chicago", "contact_email": "c@x"})
    small.add("ops.clock", {"as_of": AS_OF})
    small.add("ops.area_code", *({"area_code": area} for area in AREAS))
    departments = dict.fromkeys(feed.split("__")[0] for feed in FEEDS)
    small.add("ops.department", *(
        {"department": name, "title_en": name, "steward": f"{name}@x", "schedule": "0 5 * * *"} for name in departments
    ))  # fmt: skip
    small.add("ops.feed", *(
        {"feed": feed, "department": feed.split("__")[0], "contract": plan.contract, "title_en": feed,
         "steward": f"{feed.split('__')[0]}@x", "schedule": plan.schedule, "due": "07:30", "matters": 1,
         "critical": feed == FIRE, "legal_basis": "Law", "active_from": plan.active_from}
        for feed, plan in FEEDS.items()
    ))  # fmt: skip
    small.add("ops.coverage", *(
        {"feed": feed, "period": plan.period, "field": plan.field, "since": plan.since, "area_code": area}
        for feed, plan in FEEDS.items() if plan.period for area in plan.areas
    ))  # fmt: skip
    small.add("ops.promised_field", *(
        {"feed": feed, "field": plan.promised} for feed, plan in FEEDS.items() if plan.promised
    ))  # fmt: skip
    small.add("ops.expected_data", *(
        {"feed": gap.subject, "department": gap.subject.split("__")[0], "title_en": gap.subject, "steward": "s@x",
         "legal_basis": "Law", "period": "year", "since": gap.first}
        for gap in NEVER if gap.subject not in FEEDS
    ))  # fmt: skip


def _regular_days(feed: str) -> list[date]:
    """Return the days on which a regular delivery of a feed comes."""
    plan = FEEDS[feed]
    out = {
        day for gap in PLAN if gap.subject == feed and gap.kind in ("days_missing", "never_connected")
        for day in _each(gap.first, gap.last)
    }  # fmt: skip
    return [day for day in _each(plan.active_from, LAST) if plan.is_due(day) and day not in out]


def _each(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))


def _deliveries(feed: str) -> Iterator[dict[str, Any]]:
    late = {gap.first for gap in LATE if gap.subject == feed}
    for day in _regular_days(feed):
        fetched = datetime.combine(day, time(9 if day in late else 6, 30), ZONE)
        yield _delivery(feed, f"{day}", fetched)
    for gap in PLAN:
        if gap.subject == feed and gap.filled and gap.by == "back_fill":
            window = {
                "window_start": datetime.combine(gap.first, time(0), ZONE),
                "window_end": datetime.combine(gap.last + timedelta(days=1), time(0), ZONE),
            }
            yield _delivery(feed, _extra(gap), datetime.combine(gap.filled, time(20), ZONE), **window)
        if gap.subject == feed and gap.filled and gap.by == "replay":
            came = next(day for day in _regular_days(feed) if day > gap.last)
            at = datetime.combine(gap.filled, time(15), ZONE)
            told = _delivery(feed, _extra(gap), datetime.combine(came, time(6, 30), ZONE), replays=f"{came}")
            yield {**told, "loaded_at": at}


def _extra(gap: Gap) -> str:
    return f"{gap.by} {gap.first} {gap.area}"


def _delivery(feed: str, number: str, fetched_at: datetime, **more: Any) -> dict[str, Any]:
    return {
        "feed": feed, "delivery_id": number, "department": feed.split("__")[0], "contract": FEEDS[feed].contract,
        "verdict": "accepted", "received": 4, "accepted": 4, "set_aside": 0, "unchanged": 0, "duplicate": 0,
        "withdrawn": 0, "fetched_at": fetched_at, "loaded_at": fetched_at + timedelta(minutes=1), **more,
    }  # fmt: skip


def _records(feed: str) -> Iterator[dict[str, Any]]:
    plan = FEEDS[feed]
    regular = _regular_days(feed)
    holes = [gap for gap in PLAN if gap.subject == feed and gap.kind in ("area_missing", "period_missing")]
    for day in _each(plan.since or plan.active_from, LAST):
        came = next((one for one in regular if one > day), None)
        if not plan.records(day) or came is None:
            continue
        for area in plan.areas:
            hole = next((gap for gap in holes if gap.first <= day <= gap.last and gap.area in (None, area)), None)
            if hole is None or hole.filled:
                yield _record(feed, day, area, f"{came}" if hole is None else _brought(hole))


def _brought(gap: Gap) -> str:
    return f"{gap.filled}" if gap.by == "late_arrival" else _extra(gap)


def _record(feed: str, day: date, area: str | None, delivery_id: str) -> dict[str, Any]:
    plan = FEEDS[feed]
    at = datetime.combine(day, time(23, 30), ZONE)
    told: Any = at if plan.field.endswith("_at") else day.year if plan.field == "year" else day
    key = {"service_request": "request_id", "emergency_call": "call_id", "opinion_item": "item_id"}.get(
        plan.contract, f"{plan.contract}_id"
    )
    row = {
        "_feed": feed, "_delivery_id": delivery_id, "_rec": day.toordinal(), "_op": "U", "_loaded_at": at,
        "area_code": area or "D1", plan.field: told,
    }  # fmt: skip
    if plan.contract == "population":
        row |= {"age_group": "total", "sex_group": "all", "population": 100}
    else:
        row |= {key: f"{day} {area}"}
    if plan.promised:
        sent = date.fromisoformat(delivery_id)
        is_blank = any(gap.first <= sent <= gap.last for gap in BLANK)
        row |= {plan.promised: None if is_blank else day}
    return row


def _checks(small: SmallLake) -> None:
    """Let every department's first delivery be measured in each dimension but the planted ones."""
    left_out = {(gap.subject, gap.detail) for gap in UNMEASURED}
    firsts = {feed: f"{_regular_days(feed)[0]}" for feed in FEEDS if _regular_days(feed)}
    small.add("ops.check_result", *(
        {"feed": feed, "delivery_id": first, "rule": name, "dimension": name, "strength": "set_aside",
         "status": "pass", "checked": 4, "failed": 0}
        for feed, first in firsts.items() for name in DIMENSIONS if (feed.split("__")[0], name) not in left_out
    ))  # fmt: skip


def _insert(small: SmallLake, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        frame = pl.DataFrame(rows, infer_schema_length=None)
        with small.connect() as connection:
            connection.register("rows", frame)
            connection.execute(f"INSERT INTO {table} BY NAME FROM rows")


