"""The sentence at the top: rules R1 to R6, of which the first that matches writes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from reports.facts import Facts
from reports.feeds import FeedState
from reports.run import RunFacts
from reports.words import Words, listed, say


def judge(
    run: RunFacts,
    facts: Facts,
    states: Sequence[FeedState],
    departments: Sequence[Any],
    views: Sequence[Any],
    today: date,
) -> dict[str, Any]:
    """Return the `verdict` of report.json from the states of the feeds and the finished departments and views."""
    rule_id, level, headline = _headline(run, facts, states, departments, views)
    first = _arrivals(states)
    if facts.day is None:
        first = say("summary.nothing_ever")
    elif facts.day < today:
        first = say("summary.nothing_since")
    sentences = [{"text": first, "stress": False}, *_use_sentences(states, views)]
    return {"level": level, "rule_id": rule_id, "headline": headline, "summary": sentences}


def _headline(
    run: RunFacts, facts: Facts, states: Sequence[FeedState], departments: Sequence[Any], views: Sequence[Any]
) -> tuple[str, str, Words]:
    acting = [department for department in departments if department["band"] == "act"]
    watch = sum(entry["band"] != "good" for entry in departments) + sum(entry["use"] != "ready" for entry in views)
    if run.status == "failed":
        words = say("verdict.R1", moment=facts.as_of) if facts.as_of else say("verdict.R1_never")
        return "R1", "act", words
    if problems := sum(state.is_out and state.feed.critical for state in states):
        return "R2", "act", say("verdict.R2", n=problems)
    if len(acting) == 1:
        return "R3", "act", say("verdict.R3", department=acting[0]["name"])
    if acting:
        return "R4", "act", say("verdict.R4", n=len(acting))
    if watch:
        return "R5", "care", say("verdict.R5", n=watch)
    return "R6", "ok", say("verdict.R6")


def _arrivals(states: Sequence[FeedState]) -> Words:
    came: list[str] = [state.today.arrival if state.today else "missing" for state in states]
    due = [arrival for arrival in came if arrival != "not_due"]
    if not due:
        return say("summary.none_due")
    counts = {arrival: due.count(arrival) for arrival in ("on_time", "late", "missing")}
    if counts["on_time"] == len(due):
        return say("summary.all_on_time", n=len(due))
    return say("summary.some_on_time", due=len(due), **counts)


def _use_sentences(states: Sequence[FeedState], views: Sequence[Any]) -> list[dict[str, Any]]:
    """Say what not to use, or else what came and is not in the figures; then what can be used."""
    by_use = {use: [view["name"] for view in views if view["use"] == use] for use in ("do_not_use", "care", "ready")}
    bad, care = by_use["do_not_use"], by_use["care"]
    if len(bad) == len(views):
        return [{"text": say("summary.no_view"), "stress": True}]
    kind = ("rest" if bad else "all") + ("_care" if care else "_ready")
    rest = say(f"summary.{kind}", **({"views": listed(care)} if care else {}))
    return [*_warnings(states, bad), {"text": rest, "stress": False}]


def _warnings(states: Sequence[FeedState], bad: Sequence[Words]) -> list[dict[str, Any]]:
    if bad:
        return [{"text": say("summary.avoid", views=listed(bad)), "stress": True}]
    refused = [state.name for state in states if state.is_refused]
    return [{"text": say("summary.refused", feeds=listed(refused, 2)), "stress": True}] if refused else []
