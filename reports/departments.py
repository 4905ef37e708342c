"""The departments and the city: their scores, bands and how these moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from cities import City
from reports.facts import DIMENSIONS, Facts, View
from reports.feeds import FeedState
from reports.score import (
    TARGET,
    band,
    city_score,
    department_band,
    department_score,
    dimension_score,
    pooled,
    rounded,
    worst,
)
from reports.words import Words, say, title

CITY_DAYS, DEPARTMENT_DAYS = 30, 90
STEEP_FALL = 1.0


def department_entries(
    city: City, states: Sequence[FeedState], views: Sequence[View], facts: Facts
) -> list[dict[str, Any]]:
    """Return the `departments` of report.json, the lowest score first, those not measured before all."""
    used = {feed for view in views for feed in view.feeds}
    entries = [_department(city, name, states, used, facts.day) for name in city.departments]
    return sorted(entries, key=lambda entry: (-1 if entry["score"] is None else entry["score"], entry["slug"]))


def _department(city: City, name: str, states: Sequence[FeedState], used: set[str], day: date | None) -> dict[str, Any]:
    department = city.departments[name]
    feeds = [state for state in states if state.department.id == name]
    score = department_score(feeds, day) if day else None
    series = _series(day, DEPARTMENT_DAYS, lambda one: department_score(feeds, one))
    due = [state for state in feeds if state.today is None or state.today.arrival != "not_due"]
    return {
        "slug": name,
        "name": title(department.title),
        "contact": {"name": department.steward, "email": department.steward},
        "score": rounded(score),
        "band": department_band(score, feeds, used),
        "delta_30d": _moved(series),
        "series": series,
        "dims": {dimension: _dimension(feeds, dimension, day) for dimension in DIMENSIONS},
        "feeds_on_time": sum(state.arrival == "on_time" for state in due),
        "feeds_due": len(due),
        "feeds_total": len(feeds),
    }


def _dimension(feeds: Sequence[FeedState], name: str, day: date | None) -> dict[str, Any]:
    measure = pooled(feeds, name, day) if day else None
    return {
        "score": rounded(dimension_score(measure)),
        "passed": measure.passed if measure else None,
        "checked": measure.checked if measure else None,
        "as_of": measure.as_of.isoformat() if measure else None,
        "unit": say(f"measured.{name}"),
        "null_reason": None if measure else say("measured.no_check"),
    }


def city_entry(
    city: City, states: Sequence[FeedState], departments: Sequence[Mapping[str, Any]], facts: Facts
) -> dict[str, Any]:
    """Return the `score.city` of report.json: the score, how it moved, and what explains its steepest fall."""
    groups = [[state for state in states if state.department.id == name] for name in city.departments]
    day = facts.day
    now, yesterday = (city_score(groups, day - timedelta(days=back)) if day else None for back in (0, 1))
    series = _series(day, CITY_DAYS, lambda one: city_score(groups, one))
    return {
        "value": rounded(now),
        "delta_1d": _change(now, yesterday),
        "delta_30d": _moved(series),
        "target": TARGET,
        "band": worst([band(now), *_forced(departments)]),
        "series": series,
        "events": _events(series, states),
    }


def _forced(departments: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what the departments force on the city: one that is not Good forces at least Needs care."""
    return ["care"] if any(entry["band"] != "good" for entry in departments) else ["good"]


def _series(day: date | None, length: int, score_on: Callable[[date], float | None]) -> list[dict[str, Any]]:
    """Return the scores of the last days, the oldest first; days without a score are left out, not drawn as zero."""
    wanted = [day - timedelta(days=back) for back in reversed(range(length))] if day else []
    scores = [(one, rounded(score_on(one))) for one in wanted]
    return [{"day": one.isoformat(), "value": value} for one, value in scores if value is not None]


def _moved(series: Sequence[Mapping[str, Any]]) -> float | None:
    """Return the change over the last 30 days, which is from the first to the last point of the line that is drawn."""
    drawn = series[-CITY_DAYS:]
    return round(drawn[-1]["value"] - drawn[0]["value"], 1) if len(drawn) > 1 else None


def _change(score: float | None, before: float | None) -> float | None:
    """Return the change between two scores as they are shown, so that a reader's subtraction agrees."""
    now, then = rounded(score), rounded(before)
    return None if now is None or then is None else round(now - then, 1)


def _events(series: Sequence[Mapping[str, Any]], states: Sequence[FeedState]) -> list[dict[str, Any]]:
    """Return what happened on the day of the steepest fall, where a feed's absence or refusal explains it."""
    falls = [
        (later["value"] - former["value"], later["day"]) for former, later in zip(series, series[1:], strict=False)
    ]
    steepest, day = min(falls, default=(0.0, ""))
    if steepest > -STEEP_FALL:
        return []
    what = next((words for state in states if (words := _what_happened(state, date.fromisoformat(day)))), None)
    return [{"day": day, "text": what}] if what else []


def _what_happened(state: FeedState, day: date) -> Words | None:
    row, delivery = state.by_day.get(day), state.delivery
    if row and row.arrival == "missing":
        return say("chart.event_missing", feed=state.name)
    if delivery and delivery.is_refused and delivery.refused_since == day:
        return say("chart.event_refused", feed=state.name)
    return None
