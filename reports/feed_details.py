"""What a feed's own page tells of it: what it is, its last 90 days, its rules, and how its layout changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby
from statistics import quantiles
from typing import Any

from cities import City
from contracts import Contract, get
from reports.facts import Facts, LayoutDay, RuleResult
from reports.feeds import FeedState
from reports.reasons import reason_words
from reports.words import say

SENSITIVITIES = ("public", "internal", "personal", "sensitive", "secret")
MOST_LAYOUTS = 20


def feed_details(state: FeedState, city: City, facts: Facts) -> dict[str, Any]:
    """Return what the entry of a feed in report.json says besides its morning."""
    rules = facts.rules.get(state.id, [])
    return {
        "about": _about(state, get(state.feed.contract), city),
        "calendar": _calendar(state),
        "usual_records": _usual(state.earlier_volumes),
        "judged_on": rules[0].day.isoformat() if rules else None,
        "rules": [_rule(result) for result in rules],
        "layouts": _layouts(facts.layouts.get(state.id, []))[:MOST_LAYOUTS],
    }


def _about(state: FeedState, contract: Contract, city: City) -> dict[str, Any]:
    return {
        "kind": contract.name,
        "one_record": say(f"kind.{contract.name}"),
        "legal_basis": state.department.legal_basis,
        "sensitivity": max((field.classification for field in contract.fields), key=SENSITIVITIES.index),
        "record_years": contract.retention_years,
        "delivery_days": city.delivery_days,
    }


def _calendar(state: FeedState) -> dict[str, Any] | None:
    """Return a feed's days since it is known, the oldest first, as parallel lists that end on the figures' day."""
    if state.day is None or not state.days:
        return None
    first = state.days[0].day
    wanted = [first + timedelta(days=place) for place in range((state.day - first).days + 1)]
    known = [state.by_day.get(day) for day in wanted]
    return {
        "first_day": first.isoformat(),
        "arrivals": [found.arrival if found else "not_due" for found in known],
        "records": [found.received if found else 0 for found in known],
    }


def _usual(volumes: Sequence[int]) -> dict[str, int] | None:
    """Return between which numbers of records eight of ten deliveries lay in the four weeks before."""
    if not volumes:
        return None
    tenths = quantiles(volumes, n=10, method="inclusive")
    return {"least": int(tenths[0]), "most": round(tenths[-1])}


def _rule(result: RuleResult) -> dict[str, Any]:
    return {
        "rule": result.rule,
        "reason": reason_words(result.rule),
        "field": result.field,
        "strength": result.strength,
        "since": result.since.isoformat(),
        "checked": result.checked,
        "failed": result.failed,
    }


def _layouts(found: Sequence[LayoutDay]) -> list[dict[str, Any]]:
    """Return how the layout changed, the newest first; days in a row with one and the same change are one entry."""
    entries = []
    for _, same in groupby(found, key=lambda one: (one.added, one.removed, one.renamed, one.retyped, one.is_refused)):
        run = list(same)
        entries.append(_layout(run[0], first=run[-1].day))
    return entries


def _layout(last: LayoutDay, first: date) -> dict[str, Any]:
    return {
        "first_day": first.isoformat(),
        "last_day": last.day.isoformat(),
        "added": list(last.added),
        "removed": list(last.removed),
        "renamed": [list(pair) for pair in last.renamed],
        "retyped": list(last.retyped),
        "is_refused": last.is_refused,
    }
