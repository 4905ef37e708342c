"""What changed in the sources: layouts, rules, refusals, volumes, and the people in charge, day by day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from reports.facts import Facts, SourceChange
from reports.feeds import FeedState, change_of_volume
from reports.words import Words, both, say

CHANGE_DAYS = 30
BIG_CHANGE_PCT = 30
MOST_CHANGES = 300
KINDS = ("refused", "layout", "rule", "people", "volume")


def read_changes(
    states: Sequence[FeedState],
    departments: Sequence[Mapping[str, Any]],
    facts: Facts,
    earlier: Mapping[str, Any] | None,
    today: date,
) -> list[dict[str, Any]]:
    """Return the `changes` of report.json, the newest first, of the last 30 days.

    The published file knows nothing of people, so who is in charge is held against the `departments` of the report
    before; what that one told of people is carried on.
    """
    found = [
        *(change for one in facts.source_changes for change in _of_delivery(one, states)),
        *(change for state in states for change in _of_volume(state, today)),
        *_of_people(departments, earlier or {}, today),
    ]
    recent = [change for change in found if change["day"] > (today - timedelta(days=CHANGE_DAYS)).isoformat()]
    by_kind = sorted(recent, key=lambda change: (KINDS.index(change["kind"]), change["feed"] or change["department"]))
    return sorted(by_kind, key=lambda change: change["day"], reverse=True)[:MOST_CHANGES]


def _of_delivery(one: SourceChange, states: Sequence[FeedState]) -> Iterable[dict[str, Any]]:
    state = next((state for state in states if state.id == one.feed), None)
    if state is None:
        return
    if one.is_newly_refused:
        yield _of_feed("refused", state, one.day, say("changes.refused"))
    if one.has_other_layout:
        columns: dict[str, Any] = {"added": list(one.added), "removed": list(one.removed)}
        layout = {**columns, "renamed": [list(pair) for pair in one.renamed]}
        yield _of_feed("layout", state, one.day, say("changes.layout"), layout)
    if one.version_before is not None:
        text = say("changes.rule", now=one.version, was=one.version_before)
        yield _of_feed("rule", state, one.day, text)


def _of_volume(state: FeedState, today: date) -> Iterable[dict[str, Any]]:
    for place, found in enumerate(state.days):
        if found.day > today - timedelta(days=CHANGE_DAYS):
            percent = change_of_volume(state.days[: place + 1]) or 0
            if abs(percent) >= BIG_CHANGE_PCT:
                text = say("changes.more" if percent > 0 else "changes.fewer", share=abs(percent), n=found.received)
                yield _of_feed("volume", state, found.day, text)


def _of_people(
    departments: Sequence[Mapping[str, Any]], earlier: Mapping[str, Any], today: date
) -> Iterable[dict[str, Any]]:
    yield from (change for change in earlier.get("changes", []) if change["kind"] == "people")
    before = {one["slug"]: one["contact"] for one in earlier.get("departments", [])}
    for department in departments:
        contact, was = department["contact"], before.get(department["slug"])
        if was is not None and was != contact:
            text = say("changes.people", now=both(contact["name"]), was=both(was["name"]))
            yield _entry("people", today, department["slug"], None, department["name"], text)


def _of_feed(
    kind: str, state: FeedState, day: date, text: Words, layout: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    return _entry(kind, day, state.department.id, state.id, state.name, text, layout)


def _entry(
    kind: str,
    day: date,
    department: str,
    feed: str | None,
    name: Words,
    text: Words,
    layout: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    told = {"name": name, "text": text, "layout": layout}
    return {"kind": kind, "day": day.isoformat(), "department": department, "feed": feed, **told}
