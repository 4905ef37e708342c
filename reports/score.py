"""The score rule: dimensions, feeds, departments, the city, and their bands. Scores are 0-100; None is not measured."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

from cities import Feed
from reports.facts import DIMENSIONS, Measure

TARGET = 95
GOOD, CARE = 95.0, 85.0
WORST_FIRST = ("act", "care", "unknown", "good")


class Scored(Protocol):
    """What the score asks of a feed's state."""

    @property
    def id(self) -> str:
        """The feed's id."""

    @property
    def feed(self) -> Feed:
        """What the city file says of it: `matters` and `critical`."""

    @property
    def is_out(self) -> bool:
        """Whether it is missing or refused."""

    def measures_on(self, day: date) -> Mapping[str, Measure]:
        """Return its measured dimensions as of a day."""


def dimension_score(measure: Measure | None) -> float | None:
    """Return 100 x passed / checked, or None where nothing was checked: never 100 by default."""
    return 100 * measure.passed / measure.checked if measure and measure.checked else None


def feed_score(measures: Mapping[str, Measure]) -> float | None:
    """Return the plain mean of the dimensions that were measured."""
    return _mean((dimension_score(measures.get(name)), 1) for name in DIMENSIONS)


def department_score(feeds: Iterable[Scored], day: date) -> float | None:
    """Return the mean of the feeds' scores on a day, each weighted by how much it matters (1-3)."""
    return _mean((feed_score(state.measures_on(day)), state.feed.matters) for state in feeds)


def city_score(departments: Iterable[Sequence[Scored]], day: date) -> float | None:
    """Return the mean of the departments' scores on a day, each weighted by its number of feeds."""
    return _mean((department_score(feeds, day), len(feeds)) for feeds in departments)


def pooled(feeds: Iterable[Scored], name: str, day: date) -> Measure | None:
    """Return one dimension of several feeds together, as of the oldest of their days; None where none measures it."""
    found = [measure for state in feeds if (measure := state.measures_on(day).get(name))]
    if not found:
        return None
    passed, checked = sum(one.passed for one in found), sum(one.checked for one in found)
    return Measure(passed, checked, min(one.as_of for one in found))


def rounded(score: float | None, digits: int = 1) -> float | None:
    """Return a score rounded down, so that what is shown never reaches a band that was not reached."""
    return None if score is None else math.floor(round(score, 6) * 10**digits) / 10**digits


def band(score: float | None) -> str:
    """Return good (95 and more), care, act (below 85) or unknown of a score alone."""
    if score is None:
        return "unknown"
    return "good" if score >= GOOD else "care" if score >= CARE else "act"


def department_band(score: float | None, feeds: Sequence[Scored], used: set[str]) -> str:
    """Return the worse of the score's band and what absent feeds force: care where used, act where critical."""
    forced = {"good"}
    for state in feeds:
        if state.is_out:
            forced.add("act" if state.feed.critical else "care" if state.id in used else "good")
    return worst([band(score), *forced])


def worst(bands: Iterable[str]) -> str:
    """Return the worst of several bands."""
    return min(bands, key=WORST_FIRST.index)


def _mean(pairs: Iterable[tuple[float | None, int]]) -> float | None:
    measured = [(score, weight) for score, weight in pairs if score is not None]
    total = sum(weight for _, weight in measured)
    return sum(score * weight for score, weight in measured) / total if total else None
