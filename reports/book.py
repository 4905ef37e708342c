"""What the lake's book of actions knows of the morning's: what people said to them, and what is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from cities import City
from reports import days
from reports.facts import Task
from reports.tasks import done_words, task_owner

OPEN = ("open", "acknowledged")
"""What still waits for somebody; what is accepted, with a reason, is known and waits for nobody."""


def settled(action: Mapping[str, Any], tasks: Sequence[Task], now: datetime) -> dict[str, Any]:
    """Return an action with its life in the book, under the book's own id where it is there."""
    found = [task for task in tasks if task.is_live and _is_about(task, action)]
    task = max(found, key=lambda one: one.since, default=None)
    if task is None:
        return {**action, "status": "open", **_said(None)}
    status = "acknowledged" if task.state == "open" and task.acknowledged_at else task.state
    return {**action, "id": task.key, "status": status, **_said(task), **_agreed(task, now)}


def done_actions(tasks: Sequence[Task], city: City) -> list[dict[str, Any]]:
    """Return what was done in the last days, the newest first."""
    done = sorted((task for task in tasks if task.closed_at), key=lambda task: (task.closed_at, task.key), reverse=True)
    return [_done(task, city) for task in done if not task.is_live]


def _is_about(task: Task, action: Mapping[str, Any]) -> bool:
    """Whether both are one: of a feed that does not come the book's key also says since when."""
    is_absence = task.cause == action["cause"] == "missing" and task.feed is not None
    return task.key == action["id"] or (is_absence and task.feed == action["feed"])


def _agreed(task: Task, now: datetime) -> dict[str, Any]:
    """Return the day that people agreed on, where there is one."""
    if not task.is_due_agreed:
        return {}
    due = _evening(task, now.tzinfo)
    return {"due_at": due.isoformat(), "overdue": due < now}


def _evening(task: Task, zone: tzinfo | None) -> datetime:
    return datetime.combine(task.due, days.EVENING, zone)


def _said(task: Task | None) -> dict[str, Any]:
    if task is None:
        names = ("assigned_to", "acknowledged_at", "acknowledged_by", "accepted_at", "accepted_by", "note", "closed_at")
        return dict.fromkeys(names)
    return {
        "assigned_to": task.assigned_to,
        "acknowledged_at": _iso(task.acknowledged_at),
        "acknowledged_by": task.acknowledged_by,
        "accepted_at": _iso(task.accepted_at),
        "accepted_by": task.accepted_by,
        "note": task.note,
        "closed_at": _iso(task.closed_at),
    }


def _done(task: Task, city: City) -> dict[str, Any]:
    assert task.closed_at is not None, "what is done has a time at which it was"
    return {
        "id": task.key,
        "title": done_words(task, city),
        "cause": task.cause,
        **task_owner(task, city),
        "what_to_do": None,
        "affects": [],
        "due_at": _evening(task, city.zone).isoformat(),
        "opened_at": task.since.isoformat(),
        "age_days": max(0, (task.closed_at.date() - task.since).days),
        "overdue": False,
        "status": "done",
        **_said(task),
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
