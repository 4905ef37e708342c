"""The Actions page: who has to do what by when, what was accepted, and what is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from reports.pages.page import Page

WEEK = timedelta(days=7)

Action = Mapping[str, Any]


class ActionsPage(Page):
    """All actions of a report, those first that are overdue."""

    template = "actions.html"
    section = "actions"
    path = "actions.html"
    tables = ("actions",)

    @property
    def title(self) -> str:
        """The day and the city."""
        return self.words("actions.title", day=self.day_words, city=self.report["city"]["name"])

    @property
    def headline(self) -> str:
        """How many actions wait for somebody."""
        count = len(self.open_actions)
        return self.words("actions.headline", n=count) if count else self.words("actions.headline_none")

    @property
    def summary(self) -> list[str]:
        """What is urgent, in two sentences at most."""
        if not self.open_actions:
            return [self.words("actions.none_open")]
        late = [self.words("actions.overdue_count", n=len(self.overdue))] if self.overdue else []
        departments = {action["department"] for action in self.groups[0][1] if action["department"]}
        urgent = [self.words("actions.act_today", n=len(departments))] if departments else []
        return [*late, *urgent] or [self.words("actions.none_today")]

    @cached_property
    def overdue(self) -> list[Action]:
        """The open actions whose time is over."""
        return [action for action in self.open_actions if action["overdue"]]

    @cached_property
    def groups(self) -> list[tuple[str, list[Action]]]:
        """The open actions by when they are due: overdue or today, this week, later."""
        grouped: dict[str, list[Action]] = {"now": [], "week": [], "later": []}
        for action in self.open_actions:
            grouped[self._when(action)].append(action)
        grouped["now"].sort(key=lambda action: not action["overdue"])
        return list(grouped.items())

    def _when(self, action: Action) -> str:
        due = datetime.fromisoformat(action["due_at"]).date()
        if action["overdue"] or due <= self.day:
            return "now"
        return "week" if due < self.day + WEEK else "later"

    @property
    def accepted(self) -> list[Action]:
        """What people live with, for a reason."""
        return self._of_status("accepted")

    @property
    def done(self) -> list[Action]:
        """What was done in the last days."""
        return self._of_status("done")

    def _of_status(self, status: str) -> list[Action]:
        return [action for action in self.report["actions"] if action["status"] == status]

    @property
    def facts(self) -> Sequence[tuple[str, str]]:
        """The figures under the headline: name and figure."""
        due = dict(self.groups)
        counts = {
            "fact_open": len(self.open_actions),
            "fact_overdue": len(self.overdue),
            "fact_week": len(due["now"]) + len(due["week"]) - len(self.overdue),
            "fact_done": len(self.done),
        }
        return [(self.words(f"actions.{name}"), f"{count:,}") for name, count in counts.items()]
