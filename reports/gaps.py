"""What we do not know: derived from declarations and facts; a gap keeps the day on which a report first told it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from cities import City
from reports.facts import DIMENSIONS, Facts, View
from reports.feeds import FeedState
from reports.score import pooled
from reports.tasks import OF_A_GAP, task_owner, task_words
from reports.words import Names, Words, listed, say, title


def read_gaps(
    city: City,
    states: Sequence[FeedState],
    views: Sequence[View],
    facts: Facts,
    known_since: Mapping[str, str],
    today: date,
    due: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Return the `gaps` of report.json, new ones first; `known_since` are the gaps of the report before, id to day.

    `due` are the days by which open actions are to be done, by id: what somebody has to do about a gap by then.
    """
    found = [
        *_not_connected(states),
        *_days_missing(states),
        *_records_lost(states, facts),
        *_areas_missing(city, views, facts),
        *_silent_sensors(city, facts),
        *_not_measured(city, states, facts.day),
        *_of_the_book(city, facts),
    ]
    planned = ({**gap, "plan_date": _plan_date(gap, due or {})} for gap in found)
    return sorted((_dated(gap, known_since, today) for gap in planned), key=lambda gap: not gap["is_new"])


def _dated(gap: dict[str, Any], known_since: Mapping[str, str], today: date) -> dict[str, Any]:
    since = known_since.get(gap["id"], today.isoformat())
    return {**gap, "since": since, "is_new": since == today.isoformat()}


def _gap(kind: str, about: str, text: Words, owner: str, department: str | None = None) -> dict[str, Any]:
    return {"id": f"{kind}.{about}", "kind": kind, "text": text, "owner": owner, "department": department}


def _gap_of_feed(kind: str, state: FeedState, text: Words) -> dict[str, Any]:
    return _gap(kind, state.id, text, state.department.steward, state.department.id)


def _not_connected(states: Iterable[FeedState]) -> Iterable[dict[str, Any]]:
    for state in states:
        if not state.has_ever_arrived:
            text = say("gap.not_connected", feed=state.name, department=title(state.department.title))
            yield _gap_of_feed("not_connected", state, text)


def _days_missing(states: Iterable[FeedState]) -> Iterable[dict[str, Any]]:
    """Yield the holes of feeds that do arrive; one that never did is a gap of its own already."""
    for state in states:
        if state.has_ever_arrived and (count := state.strip().count("missing")):
            text = say("gap.days_missing", feed=state.name, n=count)
            yield _gap_of_feed("days_missing", state, text)


def _records_lost(states: Iterable[FeedState], facts: Facts) -> Iterable[dict[str, Any]]:
    for state in states:
        if count := facts.lost.get(state.id):
            text = say("gap.records_lost", feed=state.name, n=count)
            yield _gap_of_feed("records_lost", state, text)


def _areas_missing(city: City, views: Iterable[View], facts: Facts) -> Iterable[dict[str, Any]]:
    for view in views:
        table = facts.tables.get(view.slug)
        if table is None or table.areas is None:
            continue
        if bare := [code for code in city.areas.codes if code not in table.areas]:
            whole, areas = len(city.areas.codes), _areas(bare, city, facts)
            text = say("gap.area_missing", view=title(view.title), n=len(bare), whole=whole, areas=areas)
            yield _gap("area_missing", view.slug, text, city.contact.email)


def _silent_sensors(city: City, facts: Facts) -> Iterable[dict[str, Any]]:
    silent, whole = facts.sensors.silent, facts.sensors.areas
    if silent:
        text = say("gap.silent_sensors", n=len(silent), whole=whole, areas=_areas(silent, city, facts))
        yield _gap("area_missing", "sensors", text, city.contact.email)


def _areas(codes: Sequence[str], city: City, facts: Facts) -> Words:
    names = Names(facts.area_names, city.names)
    return listed([names.of_area(code) for code in codes])


def _not_measured(city: City, states: Sequence[FeedState], day: date | None) -> Iterable[dict[str, Any]]:
    if day is None:
        return
    for name in DIMENSIONS:
        bare = [
            title(department.title)
            for department in city.departments.values()
            if pooled([state for state in states if state.department.id == department.id], name, day) is None
        ]
        if bare:
            text = say("gap.not_measured", dimension=say(f"dimension.{name}"), departments=listed(bare))
            yield _gap("not_measured", name, text, city.contact.email)


ABOUT = {"never_connected": "not_connected", "period_missing": "days_missing"}
"""The kind of gap that the page calls by another name than the book of actions does."""


def _of_the_book(city: City, facts: Facts) -> Iterable[dict[str, Any]]:
    """Yield what the lake found missing from what feeds and departments promised."""
    for task in facts.tasks:
        is_told_already = task.subject == "never_connected" and task.feed in city.feeds
        if task.subject in OF_A_GAP and not is_told_already:
            words, _ = task_words(task, city)
            text = {"en": f"{words['en']}.", "zh": f"{words['zh']}。"}
            kind, department = ABOUT.get(task.subject, task.subject), task_owner(task, city)["department"]
            yield {**_gap(kind, task.key, text, task.owner, department), "id": task.key}


def _plan_date(gap: Mapping[str, Any], due: Mapping[str, str]) -> str | None:
    """Return the day that is set for the action about a gap; nobody has to act on one that has none."""
    about_arrival = gap["kind"] in ("not_connected", "days_missing")
    missing = f"missing.{gap['id'].partition('.')[2]}"
    return due.get(gap["id"]) or (due.get(missing) if about_arrival else None)
