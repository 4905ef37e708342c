"""The page on which a person answers actions; it is made when it is asked for, and only where somebody is logged in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports import days
from reports.pages.frame import HTML_LANGUAGES
from reports.render import fill
from reports.words import Words, both, say

ANSWERS = ("acknowledged", "accepted", "assigned", "date_set")


def answer_page(
    actions: Sequence[Mapping[str, Any]],
    report: Mapping[str, Any] | None,
    language: str,
    kept: str | None = None,
    problem: str | None = None,
) -> str:
    """Return the page with a form for each open action; `kept` is what was just said, `problem` why it was not kept.

    `actions` are rows of `ops.action`; their titles are those of the report where it tells of them.
    """
    titles = {action["id"]: action["title"] for action in (report or {}).get("actions", [])}
    return fill(
        "answers.html",
        language=language,
        html_language=HTML_LANGUAGES[language],
        answers=ANSWERS,
        actions=[
            {**action, "title": _title(action, titles)[language], "day": _day(action, language)} for action in actions
        ],
        kept=say(f"answer.said.{kept}")[language] if kept in ANSWERS else None,
        problem=problem,
        w=lambda key, **values: say(f"answer.{key}", **values)[language],
    )


def no_report_page(language: str) -> str:
    """Return the page of a run after which no report has been made."""
    return fill("no_report.html", html_language=HTML_LANGUAGES[language], text=say("answer.no_report")[language])


def answer_bar(language: str) -> str:
    """Return the words of the link that leads from a page of the report to the forms."""
    return say("answer.bar")[language]


def _title(action: Mapping[str, Any], titles: Mapping[str, Words]) -> Words:
    if action["action_key"] in titles:
        return titles[action["action_key"]]
    about = both(": " + " · ".join(filter(None, (action["feed"] or action["subject"], action["detail"]))))
    cause = say(f"answer.cause.{action['cause']}")
    return {name: cause[name] + about[name] for name in cause}


def _day(action: Mapping[str, Any], language: str) -> str:
    return days.long(action["due_date"], language) if action["due_date"] else "–"
