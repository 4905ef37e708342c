"""The lake's book of actions in words: what happened, what to do, and who has to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cities import City
from reports.facts import Task
from reports.reasons import reason_words
from reports.words import Names, Words, both, say, title

OF_A_GAP = ("area_missing", "period_missing", "field_blank", "never_connected")


def task_words(task: Task, city: City) -> tuple[Words, Words]:
    """Return what happened and what to do, of a gap in what was promised or of an overdue plan."""
    if task.subject not in OF_A_GAP:
        return say("action.plan", subject=_subject(task.subject, city)), say("action.plan_do")
    told: dict[str, Any] = {"feed": _name(task, city), "detail": both(task.detail or ""), "day": task.since}
    return say(f"action.{task.subject}", **told), say(f"action.{task.subject}_do")


def done_words(task: Task, city: City) -> Words:
    """Return what had happened, of an action that is done."""
    if task.feed is None or task.subject in OF_A_GAP:
        return task_words(task, city)[0]
    if task.cause == "rule":
        return say("action.rule_done", reason=reason_words(task.subject), feed=_name(task, city))
    return say(f"action.{task.cause}_done", feed=_name(task, city), day=task.since)


def task_owner(task: Task, city: City) -> Mapping[str, Any]:
    """Return who has to act, and of which department and feed of the city that is."""
    department = city.departments.get(task.department or "")
    named = title(department.title) if department else None
    return {
        "owner": {"name": task.owner, "email": task.owner, "department": named},
        "department": department.id if department else None,
        "feed": task.feed if task.feed in city.feeds else None,
    }


def _subject(subject: str, city: City) -> Words:
    """Return what a plan's action is about, its number and its name."""
    number, _, name = subject.partition(" ")
    return {language: f"{number} {said}" for language, said in Names({}, city.names).of(name).items()}


def _name(task: Task, city: City) -> Words:
    """Return the title of a feed, or of a data set that nobody has connected."""
    if task.feed in city.feeds:
        return title(city.feeds[task.feed].title)
    department, _, name = (task.feed or "").partition("__")
    expected = city.departments[department].expected if department in city.departments else {}
    return title(expected[name].title) if name in expected else both(task.feed or "")
