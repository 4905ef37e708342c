"""What stands behind the report: privacy, accessibility, and what its words mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reports.pages.page import Page
from reports.words import TEXTS

WAYS = ("drop", "pseudonym", "mask", "generalise")


class PrivacyPage(Page):
    """What happens to personal values, field by field."""

    template = "privacy.html"
    path = "privacy.html"
    ways = WAYS

    @property
    def title(self) -> str:
        """Privacy and the day."""
        return self.words("privacy.title", day=self.day_words, city=self.report["city"]["name"])

    @property
    def kinds(self) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
        """Each kind of record with its personal fields."""
        fields = self.report["privacy"]["fields"]
        for kind in dict.fromkeys(one["kind"] for one in fields):
            of_kind = [one for one in fields if one["kind"] == kind]
            yield self.told(of_kind[0]["kind_name"]), of_kind


class AccessibilityPage(Page):
    """For whom the pages are made, what was tested, and what does not work yet."""

    template = "accessibility.html"
    path = "accessibility.html"

    @property
    def title(self) -> str:
        """Accessibility and the day."""
        return self.words("accessibility.title", day=self.day_words, city=self.report["city"]["name"])


class GlossaryPage(Page):
    """Each word of the reports with its meaning."""

    template = "glossary.html"
    path = "glossary.html"

    @property
    def title(self) -> str:
        """The glossary and the day."""
        return self.words("glossary.title", day=self.day_words, city=self.report["city"]["name"])

    @property
    def entries(self) -> list[tuple[str, str, str]]:
        """Each word in this language and the other, and what it means; English ones in the order of the alphabet."""
        told = TEXTS["glossary"]["words"].values()
        rows = [(one["word"][self.language], one["word"][self.other], one["meaning"][self.language]) for one in told]
        return sorted(rows, key=lambda row: row[0 if self.language == "en" else 1].lower())
