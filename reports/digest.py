"""The weekly digest: one mail a steward, with the open actions and gaps of that steward's departments alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from reports.book import OPEN
from reports.render import fill
from reports.words import LANGUAGES, Words, listed, say


@dataclass(frozen=True)
class Digest:
    """What one steward is told: the mail's subject, in English, and its page in every language."""

    steward: str
    subject: str
    html: str


def digests(report: Mapping[str, Any]) -> Iterator[Digest]:
    """Yield the digest of each steward of whose departments the report has something to tell."""
    stewards = dict.fromkeys(department["contact"]["email"] for department in report["departments"])
    for steward in stewards:
        departments = [one for one in report["departments"] if one["contact"]["email"] == steward]
        parts = [(one["name"], _actions(report, one["name"])) for one in departments]
        gaps = [gap["text"] for gap in report["gaps"] if gap["owner"] == steward]
        if gaps or any(actions for _, actions in parts):
            yield _digest(report, steward, parts, gaps)


def _actions(report: Mapping[str, Any], department: Words) -> list[dict[str, Any]]:
    mine = (one for one in report["actions"] if one["owner"]["department"] == department and one["status"] in OPEN)
    return [{**one, "due": _due(one)} for one in mine]


def _due(action: Mapping[str, Any]) -> Words:
    day = date.fromisoformat(action["due_at"][:10])
    return say("digest.overdue" if action["overdue"] else "digest.due", day=day)


def _digest(
    report: Mapping[str, Any], steward: str, parts: list[tuple[Words, list[dict[str, Any]]]], gaps: list[Words]
) -> Digest:
    count = sum(len(actions) for _, actions in parts)
    city = report["city"]
    departments = listed([name for name, _ in parts])
    subject = say("digest.subject", city=city["name"], n=count, departments=departments)["en"]
    lead = say("digest.lead", day=date.fromisoformat(report["run"]["day"]))
    words = {name: say(f"digest.{name}") for name in ("actions", "gaps", "no_actions")}
    ask = say("digest.ask", name=city["contact"]["name"])
    html = fill(
        "digest.html", languages=LANGUAGES, lead=lead, parts=parts, gaps=gaps, words=words, ask=ask,
        contact=city["contact"],
    )  # fmt: skip
    return Digest(steward, subject, html)
