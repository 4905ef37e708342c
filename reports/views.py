"""Can I use it this morning? Each view's label, from the state of the feeds that it stands on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from reports.facts import Facts, Table
from reports.feeds import FeedState
from reports.lineage import View
from reports.words import Words, listed, say

MUCH_SET_ASIDE = 0.05
USES = ("do_not_use", "care", "ready")


def read_views_entries(
    views: Sequence[View], states: Sequence[FeedState], facts: Facts, today: date
) -> list[dict[str, Any]]:
    """Return the `views` of report.json, those not to be used first."""
    entries = [_entry(view, [state for state in states if state.id in view.feeds], facts, today) for view in views]
    return sorted(entries, key=lambda entry: (USES.index(entry["use"]), entry["slug"]))


def _entry(view: View, states: Sequence[FeedState], facts: Facts, today: date) -> dict[str, Any]:
    table = facts.tables.get(view.slug)
    use, why = _use(states, table, today, facts)
    last_good = _last_good_day(states, table)
    return {
        "slug": view.slug,
        "name": view.name,
        "use": use,
        "why": why,
        "latest": _latest(use, table, last_good),
        "last_good_day": last_good.isoformat() if last_good else None,
        "sources": list(view.feeds),
    }


def _use(states: Sequence[FeedState], table: Table | None, today: date, facts: Facts) -> tuple[str, Words]:
    """Return the label and its reason; the first that matches, the gravest first."""
    if table is None:
        return "do_not_use", say("view.not_built")
    if not any(state.has_ever_arrived for state in states):
        return "do_not_use", say("view.nothing_yet")
    critical = [state for state in states if state.feed.critical]
    if out := _out(critical):
        return "do_not_use", out
    if table.built_for.date() < today or (facts.clock and table.built_for < facts.clock):
        return "care", say("view.old_figures")
    if out := _out(states):
        return "care", out
    if dirty := [state for state in states if state.set_aside_share > MUCH_SET_ASIDE]:
        worst = max(dirty, key=lambda state: state.set_aside_share)
        return "care", say("view.set_aside", n=round(1 / worst.set_aside_share), feed=worst.name)
    late = [state for state in states if state.is_late]
    return "ready", _about("view.all_in_late", late) if late else say("view.all_in")


def _out(states: Sequence[FeedState]) -> Words | None:
    """Say which feeds are not in; one that did not come is graver than one that came and could not be taken in."""
    if missing := [state for state in states if state.is_missing]:
        return _about("view.missing", missing)
    refused = [state for state in states if state.is_refused]
    return _about("view.refused", refused) if refused else None


def _about(key: str, states: Sequence[FeedState]) -> Words:
    return say(key, feeds=listed([state.name for state in states]), n=len(states))


def _last_good_day(states: Sequence[FeedState], table: Table | None) -> date | None:
    """Return the newest day on which no feed of the view was missing."""
    if table is None or not states:
        return None
    known = set.intersection(*(set(state.by_day) for state in states))
    good = (day for day in sorted(known, reverse=True) if all(one.by_day[day].arrival != "missing" for one in states))
    return next(good, None)


def _latest(use: str, table: Table | None, last_good: date | None) -> Words:
    if use == "do_not_use":
        return say("view.last_good", day=last_good) if last_good else say("view.no_figure")
    return say("view.up_to", day=table.latest) if table and table.latest else say("view.no_figure")
