"""Where a page stands: its language, its place in the site, and what leads from it to others."""

from __future__ import annotations

import math
import posixpath
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from markupsafe import Markup

from reports import days
from reports.pages.edition import LIVE, Edition
from reports.words import LANGUAGES, Names, Words, say

HTML_LANGUAGES = {"en": "en", "zh": "zh-Hans"}
MENU = {
    "today": "index.html", "actions": "actions.html", "departments": "departments/index.html",
    "views": "views/index.html", "catalogue": "catalogue/index.html", "runs": "runs/index.html",
}  # fmt: skip
"""The main menu: each section's name in `texts/menu.yml` and its first page."""

ABOUT = {
    "catalogue": "catalogue/index.html", "method": "method.html", "privacy": "privacy.html",
    "accessibility": "accessibility.html", "glossary": "glossary.html",
}  # fmt: skip
"""What the foot of every page leads to."""

DEEP = "/site/runs/run/language"
"""A place to reckon addresses from: relative ones that lead out of the working directory would be cut at its root."""


class Frame:
    """One page of a report in one language, whatever it tells.

    `path` is its address inside the folder of its language, `section` the entry of the main menu it belongs to,
    `tables` what of `reports.tables` it links to.
    """

    template: ClassVar[str]
    section: ClassVar[str] = ""
    tables: ClassVar[tuple[str, ...]] = ()
    path: str

    def __init__(self, report: Mapping[str, Any], language: str, edition: Edition = LIVE) -> None:
        self.report = report
        self.language = language
        self.edition = edition
        self.names = Names(report["area_names"], report.get("names", {}))
        self.other = next(other for other in LANGUAGES if other != language)
        self.html_languages = HTML_LANGUAGES
        self.menu = MENU
        self.about = ABOUT

    @property
    def office(self) -> str:
        """Who answers questions about the report."""
        return self.names.of(self.report["city"]["contact"]["name"])[self.language]

    @property
    def title(self) -> str:
        """What the page is called in a browser's tab: no other page of the site has it."""
        raise NotImplementedError

    def words(self, key: str, /, **values: Any) -> str:
        """Return a text of the page."""
        return say(key, **values)[self.language]

    def told(self, words: Words) -> str:
        """Return the page's language of a text of the report."""
        return words[self.language]

    def link(self, path: str) -> str:
        """Return the address of another page of this language, as seen from this one.

        From a page of a past run that is the page of today's site.
        """
        if self.edition.is_frozen and path != self.path:
            path = f"../{self.edition.to_site}/{self.language}/{path}"
        return self._address(path)

    def file(self, path: str) -> str:
        """Return the address of a file beside the folders of the languages, as seen from this page."""
        return self._address(f"../{path}")

    def _address(self, path: str) -> str:
        return posixpath.relpath(posixpath.join(DEEP, path), posixpath.join(DEEP, posixpath.dirname(self.path)))

    def linked(self, text: str, path: str) -> Markup:
        """Return a text that leads to a page, or the text alone where that page may be gone some day."""
        if self.edition.is_frozen:
            return Markup.escape(text)
        return Markup('<a href="{}">{}</a>').format(self.link(path), text)

    @property
    def same_page(self) -> str:
        """The address of this page in the other language."""
        return self.file(f"{self.other}/{self.path}")

    @property
    def previous_report(self) -> str:
        """The address of the report of the run before, which is kept as it was."""
        runs, run_id = self.edition.runs(), self.report["run"]["previous_run_id"]
        return self.file(f"{runs}/{run_id}/{self.language}/index.html")

    @property
    def name(self) -> str:
        """The report's name."""
        return self.words("page.name", city=self.report["city"]["name"])

    @property
    def space(self) -> str:
        """What stands between two sentences."""
        return "" if self.language == "zh" else " "

    @property
    def day(self) -> date:
        """The day of the report."""
        return date.fromisoformat(self.report["run"]["day"])

    @property
    def day_words(self) -> str:
        """Its day in full."""
        return days.long(self.day, self.language)

    @property
    def finished(self) -> datetime:
        """When it was finished, in the city's time."""
        return datetime.fromisoformat(self.report["run"]["finished_at"])

    @property
    def finished_words(self) -> str:
        """That time in words."""
        return days.clock(self.finished.time(), self.language)

    @property
    def minutes(self) -> int:
        """How long the run took, in minutes rounded up: no run takes none."""
        return max(1, math.ceil(self.report["run"]["duration_s"] / 60))

    def csv(self, table: str) -> str:
        """Return the address of one of the page's tables as CSV."""
        return self.file(f"tables/{self.tables[self.tables.index(table)]}.csv")

    def coded(self, text: str) -> Markup:
        """Return a text in which what stands between backticks looks like code."""
        parts = text.split("`")
        code = Markup("<code>{}</code>")
        return Markup("").join(code.format(part) if at % 2 else Markup.escape(part) for at, part in enumerate(parts))
