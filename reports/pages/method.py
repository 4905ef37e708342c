"""How the scores are worked out, with an example from the report's own figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from reports.facts import DIMENSIONS
from reports.pages.page import Page
from reports.score import CARE, GOOD, TARGET, rounded


class MethodPage(Page):
    """The rule of the score, step by step: a dimension, a feed, a department, the city."""

    template = "method.html"
    path = "method.html"
    good, care, target = GOOD, CARE, TARGET

    @property
    def title(self) -> str:
        """The method and the day."""
        return self.words("method.title", day=self.day_words, city=self.report["city"]["name"])

    @cached_property
    def example(self) -> Mapping[str, Any] | None:
        """The feed of the example: of the department with the lowest score, the one that is lowest."""
        if self.department is None:
            return None
        scored = [feed for feed in self._feeds(self.department) if feed_score(feed) is not None]
        return min(scored, key=lambda feed: feed_score(feed) or 0)

    @cached_property
    def department(self) -> Mapping[str, Any] | None:
        """The department of the example."""
        scored = [one for one in self.report["departments"] if one["score"] is not None]
        return min(scored, key=lambda one: one["score"], default=None)

    def _feeds(self, department: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        return [feed for feed in self.report["feeds"] if feed["department"] == department["slug"]]

    @property
    def dimensions(self) -> list[tuple[str, str, str, str]]:
        """The dimensions of the example's feed: name, passed, checked, score."""
        assert self.example is not None
        return [self._dimension(name, self.example["dims"][name]) for name in DIMENSIONS]

    def _dimension(self, name: str, counted: Mapping[str, Any] | None) -> tuple[str, str, str, str]:
        said = self.words(f"dimension.{name}")
        if counted is None:
            return said, "–", "–", "–"
        passed, checked = counted["passed"], counted["checked"]
        return said, f"{passed:,}", f"{checked:,}", exactly(100 * passed / checked)

    @property
    def feed_sum(self) -> str:
        """The mean of the feed's dimensions, written out."""
        assert self.example is not None
        scores = dimension_scores(self.example)
        terms = " + ".join(exactly(score) for score in scores)
        return f"({terms}) / {len(scores)} = {as_shown(self, feed_score(self.example))}"

    @property
    def feeds(self) -> list[tuple[str, int, str]]:
        """The feeds of the example's department: name, weight, score."""
        assert self.department is not None
        feeds = self._feeds(self.department)
        return [(self.told(one["name"]), one["matters"], exactly(feed_score(one))) for one in feeds]

    @property
    def department_sum(self) -> str:
        """The department's weighted mean, written out."""
        assert self.department is not None
        pairs = [(feed_score(feed), feed["matters"]) for feed in self._feeds(self.department)]
        return written_mean(self, pairs)

    @property
    def departments(self) -> list[tuple[str, int, str]]:
        """All departments: name, number of feeds, score."""
        return [
            (self.told(one["name"]), one["feeds_total"], exactly(self.department_score(one)))
            for one in self.report["departments"]
        ]

    def department_score(self, department: Mapping[str, Any]) -> float | None:
        """Return a department's score, worked out from its feeds' counts."""
        return mean((feed_score(feed), feed["matters"]) for feed in self._feeds(department))

    @property
    def city_pairs(self) -> list[tuple[float | None, int]]:
        """Each department's score with its weight."""
        return [(self.department_score(one), one["feeds_total"]) for one in self.report["departments"]]

    @property
    def city_sum(self) -> str:
        """The city's weighted mean, written out."""
        return written_mean(self, self.city_pairs)


def dimension_scores(feed: Mapping[str, Any]) -> list[float]:
    """Return the scores of a feed's measured dimensions."""
    counted = [one for name in DIMENSIONS if (one := feed["dims"][name])]
    return [100 * one["passed"] / one["checked"] for one in counted]


def feed_score(feed: Mapping[str, Any]) -> float | None:
    """Return a feed's score, worked out from its counts; None where no dimension was measured."""
    return mean((score, 1) for score in dimension_scores(feed))


def mean(pairs: Iterable[tuple[float | None, int]]) -> float | None:
    """Return the mean of scores by their weights; those that were not measured are left out."""
    measured = [(score, weight) for score, weight in pairs if score is not None]
    total = sum(weight for _, weight in measured)
    return sum(score * weight for score, weight in measured) / total if total else None


def written_mean(page: Page, pairs: Iterable[tuple[float | None, int]]) -> str:
    """Return a weighted mean as one writes it on paper."""
    measured = [(score, weight) for score, weight in pairs if score is not None]
    terms = " + ".join(f"{exactly(score)} × {weight}" for score, weight in measured)
    return f"({terms}) / {sum(weight for _, weight in measured)} = {as_shown(page, mean(measured))}"


def exactly(score: float | None) -> str:
    """Return a score with three decimals: enough for whoever works with it to come to the same figure."""
    return "–" if score is None else f"{score:.3f}"


def as_shown(page: Page, score: float | None) -> str:
    """Return a score as it is, and as the report shows it: with one decimal, rounded down."""
    return page.words("method.shown_as", exact=exactly(score), shown=f"{rounded(score) or 0:.1f}")
