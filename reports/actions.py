"""Who needs to act: derived each morning from the facts, so an action closes by itself when its cause is gone.

What people said to an action, and those that are done, come from the lake's book of actions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from cities import City
from reports import days
from reports.book import done_actions, settled
from reports.facts import Task, View
from reports.feeds import FeedState
from reports.reasons import Reason, reason_words
from reports.run import RunFacts
from reports.tasks import task_owner, task_words
from reports.words import Words, listed, say, title

MENDING_DAYS = 2
KEEPS_DATA_OUT = ("run", "missing", "layout")


@dataclass(frozen=True)
class Morning:
    """What all actions of a report share: its run, the city's now, and which views stand on which feeds."""

    city: City
    run: RunFacts
    now: datetime
    views: Sequence[View]

    def affected(self, feed_id: str) -> list[str]:
        """Return the views that stand on a feed."""
        return [view.slug for view in self.views if feed_id in view.feeds]

    def with_what_it_stops(self, feed_id: str, to_do: Words) -> Words:
        """Add to a text which views lack the records of a feed meanwhile."""
        names = [title(view.title) for view in self.views if feed_id in view.feeds]
        if not names:
            return to_do
        stops = say("action.stops", views=listed(names))
        return {"en": f"{to_do['en']} {stops['en']}", "zh": f"{to_do['zh']}{stops['zh']}"}


def read_actions(
    states: Sequence[FeedState], reasons: Sequence[Reason], tasks: Sequence[Task], morning: Morning
) -> list[dict[str, Any]]:
    """Return the `actions` of report.json: those that keep data out, then soonest first; overdue plans last.

    Those that people accepted follow, and then what was done in the last days, the newest first. Ids are those of the
    lake's book, made of cause, feed and rule, so that an action is the same each day.
    """
    found = [
        *_run_actions(morning),
        *(_missing(state, morning) for state in states if state.is_missing),
        *(_refused(state, morning) for state in states if state.is_refused),
        *(_late(state, morning) for state in states if state.is_late),
        *(_rule(reason, morning) for reason in _top_reasons(reasons)),
        *(_task(task, morning) for task in tasks if task.is_live and task.cause == "gap" and task.feed),
    ]
    plans = [_task(task, morning) for task in tasks if task.is_live and not task.feed]
    ordered = [*sorted(found, key=_gravest_first), *sorted(plans, key=_gravest_first)]
    told = [settled(action, tasks, morning.now) for action in ordered]
    return [*sorted(told, key=lambda action: action["status"] == "accepted"), *done_actions(tasks, morning.city)]


def _gravest_first(action: Mapping[str, Any]) -> tuple[bool, str, str, str]:
    """Order by what it does before by when it is due: one unmended record of last week may wait for a whole feed."""
    return action["cause"] not in KEEPS_DATA_OUT, action["due_at"], action["opened_at"], action["id"]


def _run_actions(morning: Morning) -> Iterable[dict[str, Any]]:
    if morning.run.status == "failed":
        contact = morning.city.contact
        yield {
            "id": "run",
            "title": say("action.run"),
            "cause": "run",
            "owner": {"name": contact.name, "email": contact.email, "department": None},
            "department": None,
            "feed": None,
            "what_to_do": say("action.run_do"),
            "affects": [view.slug for view in morning.views],
            **_times(morning, morning.now.date(), days.next_at(morning.now, days.NOON)),
        }


def _missing(state: FeedState, morning: Morning) -> dict[str, Any]:
    words = say("action.missing_ever", feed=state.name)
    if state.last_arrived:
        day = days.past(state.last_arrived, morning.now.date())
        words = say("action.missing", feed=state.name, day=day)
    opened = state.missing_days[-1] if state.missing_days else morning.now.date()
    return _of_feed(state, morning, "missing", words, say("action.missing_do"), opened, _now_or_today(state, morning))


def _refused(state: FeedState, morning: Morning) -> dict[str, Any]:
    delivery = state.delivery
    assert delivery is not None, "only a feed with a refused delivery comes here"
    opened = delivery.refused_since or delivery.day
    names = {"department": title(state.department.title), "feed": state.name}
    to_do = say("action.layout_do", day=opened)
    if delivery.renamed:
        words = say("action.renamed", n=len(delivery.renamed), **names)
    elif delivery.removed:
        words = say("action.removed", n=len(delivery.removed), **names)
    else:
        words = say("action.refused", reason=reason_words(delivery.refused_because), **names)
        to_do = say("action.refused_do")
    to_do = morning.with_what_it_stops(state.id, to_do)
    return _of_feed(state, morning, "layout", words, to_do, opened, _now_or_today(state, morning))


def _late(state: FeedState, morning: Morning) -> dict[str, Any]:
    minutes = (state.today.minutes_late if state.today else None) or 0
    words = say("action.late" if minutes else "action.late_little", n=minutes, feed=state.name)
    at = time.fromisoformat(state.feed.due)
    to_do = say("action.late_do", time={language: days.clock(at, language) for language in words})
    day = morning.now.date()
    return _of_feed(state, morning, "late", words, to_do, day, _after_working_days(day, morning))


def _rule(reason: Reason, morning: Morning) -> dict[str, Any]:
    aside = reason.aside
    words = say("action.rule", n=aside.open, feed=reason.state.name, reason=reason.words)
    due = _after_working_days(aside.first_seen, morning)
    action = _of_feed(reason.state, morning, "rule", words, say("action.rule_do"), aside.first_seen, due)
    return {**action, "id": f"{action['id']}.{aside.rule}" + (f".{aside.field}" if aside.field else "")}


def _task(task: Task, morning: Morning) -> dict[str, Any]:
    words, to_do = task_words(task, morning.city)
    return {
        "id": task.key,
        "title": words,
        "cause": task.cause,
        **task_owner(task, morning.city),
        "what_to_do": to_do,
        "affects": morning.affected(task.feed) if task.feed else [],
        **_times(morning, task.since, datetime.combine(task.due, days.EVENING, morning.city.zone)),
    }


def _top_reasons(reasons: Iterable[Reason]) -> list[Reason]:
    """Return each feed's most frequent reason that waits for mending; a refused delivery is an action already."""
    top: dict[str, Reason] = {}
    for reason in reasons:
        if reason.aside.open and not reason.state.is_refused:
            top.setdefault(reason.state.id, reason)
    return list(top.values())


def _of_feed(
    state: FeedState, morning: Morning, cause: str, words: Words, to_do: Words, opened: date, due: datetime
) -> dict[str, Any]:
    steward = state.department.steward
    return {
        "id": f"{cause}.{state.id}",
        "title": words,
        "cause": cause,
        "owner": {"name": steward, "email": steward, "department": title(state.department.title)},
        "department": state.department.id,
        "feed": state.id,
        "what_to_do": to_do,
        "affects": morning.affected(state.id),
        **_times(morning, opened, due),
    }


def _times(morning: Morning, opened: date, due: datetime) -> dict[str, Any]:
    return {
        "due_at": due.isoformat(),
        "opened_at": opened.isoformat(),
        "age_days": max(0, (morning.now.date() - opened).days),
        "overdue": due < morning.now,
    }


def _now_or_today(state: FeedState, morning: Morning) -> datetime:
    return days.next_at(morning.now, days.NOON if state.feed.critical else days.EVENING)


def _after_working_days(opened: date, morning: Morning) -> datetime:
    return datetime.combine(days.working_days_after(opened, MENDING_DAYS), days.EVENING, morning.city.zone)
