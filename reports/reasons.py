"""What was set aside, and why: each record once, under the first rule that it broke."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contracts import rule_words
from reports.expected import expected_words
from reports.facts import Aside, Facts
from reports.feeds import FeedState
from reports.words import Words, say

UNEXPLAINED = "no_reason"


@dataclass(frozen=True)
class Reason:
    """One reason of one feed."""

    state: FeedState
    aside: Aside

    @property
    def words(self) -> Words:
        """The rule in words."""
        return reason_words(self.aside.rule)


def reason_words(rule: str | None) -> Words:
    """Return a rule in words; records may have been judged by a rule that the contracts no longer hold."""
    if rule is None or rule == UNEXPLAINED:
        return say("rule.no_reason")
    try:
        return rule_words(rule)
    except KeyError:
        return say("rule.gone")


def read_reasons(states: Sequence[FeedState], facts: Facts) -> list[Reason]:
    """Return the reasons for which records wait, the day's first, the most frequent of them before the others.

    Together they make the number of the day's records that the quality figures call waiting: what no reason explains
    is a reason of its own, because a sum that hides a rest would be trusted.
    """
    by_id = {state.id: state for state in states}
    told = [Reason(by_id[aside.feed], aside) for aside in facts.asides if aside.feed in by_id]
    rests = [rest for state in states if (rest := _rest(state, told))]
    return sorted([*told, *rests], key=lambda reason: (-reason.aside.count, reason.state.id, reason.aside.rule))


def _rest(state: FeedState, told: Sequence[Reason]) -> Reason | None:
    explained = sum(reason.aside.count for reason in told if reason.state is state)
    rest = (state.today.waiting if state.today else 0) - explained
    if rest <= 0 or state.day is None:
        return None
    return Reason(state, Aside(state.id, UNEXPLAINED, None, None, None, rest, rest, state.day, None))


def reason_entry(reason: Reason, areas: int) -> dict[str, Any]:
    """Return the reason's entry of report.json; `areas` is how many districts the city has."""
    aside, today = reason.aside, reason.state.today
    expected = expected_words(reason.state.feed.contract, aside.field, aside.rule, areas)
    return {
        "feed": reason.state.id,
        "feed_name": reason.state.name,
        "reason_id": aside.rule,
        "field": aside.field,
        "reason": reason.words,
        "dimension": aside.dimension,
        "count": aside.count,
        "pct_of_feed": round(100 * aside.count / today.received, 1) if today and today.received else None,
        "first_seen": aside.first_seen.isoformat(),
        "example_masked": {"field": _sent_field(aside), "sent": aside.example, "expected": expected},
    }


def _sent_field(aside: Aside) -> str | None:
    """Return the sender's own name of the field; where the city file computes it, ours."""
    return aside.field if not aside.sender_field or aside.sender_field.startswith("sql:") else aside.sender_field
