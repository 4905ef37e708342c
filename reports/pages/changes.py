"""What changed in the sources in the last 30 days, by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from itertools import groupby
from typing import Any

from markupsafe import Markup

from reports import days
from reports.changes import KINDS
from reports.pages.page import Page
from reports.pages.source_changes import layout_lines

MOST_ROWS = 100


class ChangesPage(Page):
    """Layouts, rules, refusals, volumes and people in charge that changed, the newest first."""

    template = "changes.html"
    path = "changes.html"

    @property
    def title(self) -> str:
        """What it is and the day."""
        return self.words("changes.title", day=self.day_words, city=self.report["city"]["name"])

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many changes there are of each kind."""
        found = Counter(change["kind"] for change in self.report["changes"])
        return [(self.words(f"changes.count_{kind}"), found[kind]) for kind in KINDS]

    @property
    def by_day(self) -> list[tuple[str, list[Mapping[str, Any]]]]:
        """The changes of each day that fit on the page, the newest day first."""
        shown = self.report["changes"][:MOST_ROWS]
        grouped = groupby(shown, key=lambda change: change["day"])
        return [(days.long(date.fromisoformat(day), self.language), list(found)) for day, found in grouped]

    @property
    def more(self) -> int:
        """How many changes do not fit."""
        return max(0, len(self.report["changes"]) - MOST_ROWS)

    def said(self, change: Mapping[str, Any]) -> Markup:
        """Return what changed: of a layout the columns, in the senders' own names."""
        if not change["layout"]:
            return Markup.escape(self.told(change["text"]))
        lines = layout_lines(self, {**change["layout"], "retyped": [], "touches": []})
        return Markup("；" if self.language == "zh" else "; ").join(lines)

    def department(self, change: Mapping[str, Any]) -> str:
        """Return the department of a change of a feed."""
        return self.department_name(change["department"]) if change["feed"] else ""
