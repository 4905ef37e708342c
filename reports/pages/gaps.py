"""What we do not know: every gap with who answers for it and by when it is to be closed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from reports import days
from reports.pages.page import Page

KINDS = ("not_connected", "days_missing", "area_missing", "field_blank", "not_measured", "records_lost")


class GapsPage(Page):
    """The gaps by kind."""

    template = "gaps.html"
    path = "gaps.html"

    @property
    def title(self) -> str:
        """What it is and the day."""
        return self.words("gaps.title", day=self.day_words, city=self.report["city"]["name"])

    @property
    def lead(self) -> str:
        """How many gaps there are, how many are new, and how many nobody has set a date for."""
        gaps = self.report["gaps"]
        without = sum(gap["plan_date"] is None for gap in gaps)
        told = self.words("gaps.lead", n=len(gaps), new=sum(gap["is_new"] for gap in gaps))
        return f"{told}{self.space}{self.words('gaps.without_plan', n=without)}" if without else told

    @property
    def by_kind(self) -> list[tuple[str, list[Mapping[str, Any]]]]:
        """The gaps of each kind, new ones first; a kind without any is told too."""
        return [(kind, [gap for gap in self.report["gaps"] if gap["kind"] == kind]) for kind in KINDS]

    def plan(self, gap: Mapping[str, Any]) -> tuple[str | None, str]:
        """Return by when a gap is to be closed: the tone of a date that has passed, and the words."""
        if gap["plan_date"] is None:
            return None, self.words("gaps.no_plan")
        day = date.fromisoformat(gap["plan_date"])
        if day < self.day:
            return "care", self.words("gaps.overdue", day=day)
        return None, days.short(day, self.language)

    def since(self, gap: Mapping[str, Any]) -> str:
        """Return the day on which a report first told of a gap."""
        return days.short(date.fromisoformat(gap["since"]), self.language)
