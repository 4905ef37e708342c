"""The departments' pages: all of them in one table, and each with what its score is made of."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from markupsafe import Markup

from reports import charts
from reports.facts import DIMENSIONS
from reports.pages.fixes import fixes
from reports.pages.page import Page

Entry = Mapping[str, Any]


class DepartmentsPage(Page):
    """All departments, the lowest score first."""

    template = "departments.html"
    section = "departments"
    path = "departments/index.html"
    tables = ("departments",)

    @property
    def title(self) -> str:
        """The day and the city."""
        return self.words("departments.title", day=self.day_words, city=self.report["city"]["name"])

    @property
    def headline(self) -> str:
        """How many departments are not Good."""
        others = sum(one["band"] != "good" for one in self.report["departments"])
        return self.words("departments.headline", n=others) if others else self.words("departments.headline_good")


class DepartmentPage(Page):
    """One department: its score and what it is made of, its feeds, and what it has to do."""

    template = "department.html"
    section = "departments"
    tables = ("departments", "department_measures", "department_scores", "feeds", "set_aside", "actions", "gaps")

    def __init__(self, report: Mapping[str, Any], language: str, slug: str) -> None:
        super().__init__(report, language)
        self.slug = slug
        self.path = f"departments/{slug}.html"
        self.entry: Entry = next(one for one in report["departments"] if one["slug"] == slug)

    @property
    def title(self) -> str:
        """The department, the day and the city."""
        name, city = self.entry["name"], self.report["city"]["name"]
        return self.words("departments.title_one", department=name, day=self.day_words, city=city)

    @cached_property
    def feeds(self) -> list[Entry]:
        """The department's feeds."""
        return [feed for feed in self.report["feeds"] if feed["department"] == self.slug]

    @cached_property
    def set_aside(self) -> list[Entry]:
        """The reasons for which its records were set aside, the most frequent first."""
        slugs = {feed["slug"] for feed in self.feeds}
        return [reason for reason in self.report["set_aside"] if reason["feed"] in slugs]

    @cached_property
    def actions(self) -> list[Entry]:
        """What it has to do."""
        return [action for action in self.open_actions if action["department"] == self.slug]

    @property
    def gaps(self) -> list[Entry]:
        """What is not known of its feeds, and of what it owes."""
        return [gap for gap in self.report["gaps"] if gap["department"] == self.slug]

    @property
    def summary(self) -> list[str]:
        """The morning of the department in three sentences at most."""
        entry, count = self.entry, sum(reason["count"] for reason in self.set_aside)
        arrived = self.words("departments.arrived", n=entry["feeds_due"], on_time=entry["feeds_on_time"])
        aside = self.words("departments.aside", n=count) if count else self.words("departments.aside_none")
        act = self.words("departments.act", n=len(self.actions)) if self.actions else self.words("departments.act_none")
        return [arrived if entry["feeds_due"] else self.words("departments.none_due"), aside, act]

    @property
    def facts(self) -> list[tuple[str, str]]:
        """The figures under the name: name and figure."""
        entry, received = self.entry, sum(feed["records_in"] for feed in self.feeds)
        on_time = self.words("page.part_of", part=entry["feeds_on_time"], whole=entry["feeds_due"])
        return [
            (self.words("page.feeds_on_time"), on_time if entry["feeds_due"] else "–"),
            (self.words("page.records_received"), f"{received:,}"),
            (self.words("page.records_set_aside"), f"{sum(reason['count'] for reason in self.set_aside):,}"),
            (self.words("departments.open_actions"), f"{len(self.actions):,}"),
        ]

    @property
    def score_chart(self) -> Markup | None:
        """The department's score of 90 days, or nothing where no day has one."""
        series, target = self.entry["series"], self.report["score"]["city"]["target"]
        points = [{**point, "shown": self.axis_day(point["day"])} for point in series]
        if not points:
            return None
        return charts.score_line(points, target, self.words("page.target", n=f"{target:g}"), [], self._chart_sentence())

    def _chart_sentence(self) -> str:
        series = self.entry["series"]
        first, last = (self.short_day(series[place]["day"]) for place in (0, -1))
        low = min(point["value"] for point in series)
        return self.words(
            "departments.chart", department=self.entry["name"], first=first, last=last, low=low, now=series[-1]["value"]
        )

    @property
    def measures(self) -> list[tuple[str, str, tuple[str, str, str], str]]:
        """The six measures: name, meaning, the cell of the score, and what was counted."""
        return [self._measure(name, self.entry["dims"][name]) for name in DIMENSIONS]

    def _measure(self, name: str, found: Entry) -> tuple[str, str, tuple[str, str, str], str]:
        return self.words(f"dimension.{name}"), self.words(f"meaning.{name}"), self._cell(found), self._counted(found)

    def _counted(self, found: Entry) -> str:
        if found["score"] is None:
            return self.words("departments.not_counted")
        told = {"passed": found["passed"], "n": found["checked"], "unit": found["unit"]}
        if found["as_of"] == self.report["run"]["day"]:
            return self.words("departments.counted", **told)
        return self.words("departments.counted_earlier", day=self.short_day(found["as_of"]), **told)

    @property
    def fixes(self) -> list[tuple[str, str]]:
        """How to mend what is wrong in this department: the problem and what to do, each once."""
        return fixes(self, self.feeds, self.set_aside)
