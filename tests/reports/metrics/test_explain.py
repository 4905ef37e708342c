"""Two true figures of one thing, and what makes them differ, on requests whose figures are worked out here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction
from itertools import combinations
from math import inf
from pathlib import Path
from random import Random

import duckdb
import pytest

from reports.metrics import Metric, read_registry
from reports.metrics.cohort import choices_of, records_of
from reports.metrics.explain import ExplainError, Explanation, explain, family, mixed_way, read_figures
from reports.metrics.figures import Scope, Ways
from reports.metrics.split import split, subsets
from tests.reports.metrics.requests import Request, publish

REGISTRY = read_registry()
DAY = 24
EVERYTHING = Scope()


def told(file: Path, a: str, b: str, scope: Scope = EVERYTHING) -> Explanation:
    return explain(file, REGISTRY[a], REGISTRY[b], scope, REGISTRY)


def parts(explanation: Explanation) -> dict[str, tuple[int, Fraction]]:
    return {cause.title: (cause.records, cause.part) for cause in explanation.causes}


def test_open_late_requests_and_the_day_are_told_apart(tmp_path: Path) -> None:
    """Due: 2 of 6 in time. Without the two open late ones 2 of 4. By the day of closing one more, closed before it was
    due, which is to come: 3 of 5, and with the open late ones 3 of 7."""
    requests = [
        Request(due=30, closed=20), Request(due=30, closed=30), Request(due=30, closed=31), Request(due=40, closed=90),
        Request(due=30), Request(due=50), Request(due=24 * DAY, closed=100), Request(due=24 * DAY),
    ]  # fmt: skip
    found = told(publish(tmp_path, requests), "due_on_time_share", "closed_on_time_share")
    assert (found.before.n, found.before.value) == (6, Fraction(2, 6))
    assert (found.after.n, found.after.value) == (5, Fraction(3, 5))
    open_late = ((Fraction(2, 4) - Fraction(2, 6)) + (Fraction(3, 5) - Fraction(3, 7))) / 2
    assert parts(found) == {
        "Day": (1, Fraction(3, 5) - Fraction(2, 6) - open_late),
        "Open late requests": (2, open_late),
    }


def test_the_day_moves_requests_between_periods(tmp_path: Path) -> None:
    """Due on the 2nd: one in time, one closed late on the 3rd. Closed then: the one in time, and one due on the 1st."""
    requests = [Request(due=30, closed=20), Request(due=30, closed=44), Request(due=10, closed=25)]
    file, second = publish(tmp_path, requests), date(2026, 11, 2)
    found = told(file, "due_on_time_share", "closed_on_time_share", Scope(first=second, last=second))
    assert (found.before.value, found.after.value) == (Fraction(1, 2), Fraction(1, 2))
    assert parts(found) == {"Day": (2, 0), "Open late requests": (0, 0)}


def test_duplicates_instant_closures_and_the_untargeted_have_their_own_parts(tmp_path: Path) -> None:
    requests = [
        Request(due=30, closed=20), Request(due=30, closed=40), Request(due=30, closed=0.1),
        Request(due=30, closed=20, counting_class="duplicate"), Request(closed=50),
        Request(due=30, closed=20, counting_class="internal"), Request(due=30, counting_class="cancelled"),
    ]  # fmt: skip
    file = publish(tmp_path, requests)
    closed = "closed_on_time_share"
    base = Fraction(2, 3)
    for variant, figure, title in [
        ("closed_on_time_without_instant_share", Fraction(1, 2), "Closed within ten minutes"),
        ("closed_on_time_with_duplicates_share", Fraction(3, 4), "Duplicates"),
        ("closed_on_time_with_untargeted_share", Fraction(3, 4), "Requests without a target"),
    ]:
        found = told(file, closed, variant)
        assert (found.before.value, found.after.value) == (base, figure)
        assert parts(found) == {title: (1, figure - base)}


def test_a_median_is_split_the_same_way(tmp_path: Path) -> None:
    """Thirty took 1 to 30 hours, ten were closed at once, ten were the city's own and took two days."""
    requests = [Request(closed=hours) for hours in range(1, 31)] + [Request(closed=0.05)] * 10
    requests += [Request(closed=48, counting_class="internal")] * 10
    file = publish(tmp_path, requests)
    found = told(file, "median_minutes_to_close", "median_minutes_to_close_with_internal")
    assert (found.before.n, found.before.value) == (30, 15 * 60)
    assert (found.after.n, found.after.value) == (50, 15 * 60)
    # alone, the instant ones lower the median to that of 40, 10 hours; the city's own raise it to that of 40, 20 hours
    assert parts(found) == {
        "The city's own requests": (10, Fraction((20 - 15) + (15 - 10), 2) * 60),
        "Closed within ten minutes": (10, Fraction((10 - 15) + (15 - 20), 2) * 60),
    }


def test_a_mean_over_units_is_not_how_long_people_wait(tmp_path: Path) -> None:
    """Five incidents, their first units after 2, 4, 6, 8 and 10 minutes; to the last five more came, after 20 each.

    The times of a sixth one cannot be used.
    """
    with duckdb.connect(str(tmp_path / "city.duckdb")) as connection:
        connection.execute("""
            CREATE SCHEMA marts; CREATE TABLE marts.emergency_responses AS
            SELECT DATE '2026-11-20' AS received_date, '1' AS area_code, * FROM (
                SELECT minute * 60 AS total_seconds, true AS is_first_unit, NULL AS invalid_rule
                FROM range(2, 11, 2) AS first (minute)
                UNION ALL SELECT 1200, false, 'missing_stamp' FROM range(5)
                UNION ALL SELECT NULL, false, 'missing_stamp' FROM range(3)
                UNION ALL SELECT 9000, true, 'over_two_hours'
                UNION ALL SELECT -60, false, 'out_of_order')""")
    found = told(tmp_path / "city.duckdb", "median_response_minutes", "mean_response_minutes_by_unit")
    assert (found.before.n, found.before.value, found.after.n, found.after.value) == (5, 6, 10, 13)
    # the median of all ten is 10, the mean of the five first ones 6
    assert parts(found) == {
        "Units": (5, Fraction((10 - 6) + (13 - 6), 2)),
        "The formula": (10, Fraction((6 - 6) + (13 - 10), 2)),
    }
    causes = {cause.title: (cause.before, cause.after) for cause in found.causes}
    assert causes["The formula"] == ("quantile_disc(response_minutes, 0.5)", "avg(response_minutes)")
    assert parts(told(tmp_path / "city.duckdb", "median_response_minutes", "median_response_minutes_by_unit")) == {
        "Units": (5, 4)
    }


def test_an_area_and_a_department_can_be_asked_for(tmp_path: Path) -> None:
    requests = [Request(due=30), Request(due=30, closed=20, area="2"), Request(due=30, department="parks", area="2")]
    file = publish(tmp_path, requests)
    metric = REGISTRY["due_on_time_share"]
    assert [
        read_figures(file, [metric], scope, REGISTRY)[0].n
        for scope in (EVERYTHING, Scope(area="2"), Scope(area="2", department="parks"), Scope(area="3"))
    ] == [3, 2, 1, 0]


def test_too_few_records_are_not_explained(tmp_path: Path) -> None:
    file = publish(tmp_path, [Request(closed=1)] * 29 + [Request(closed=1, counting_class="internal")])
    found = told(file, "median_minutes_to_close", "median_minutes_to_close_with_internal")
    assert ([one.id for one in found.too_few], found.causes) == (["median_minutes_to_close"], ())
    nothing = told(file, "due_on_time_share", "closed_on_time_share")
    assert (len(nothing.too_few), nothing.causes) == (2, ())


def test_what_cannot_be_explained_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExplainError, match="no metric 'due_on_time'; did you mean due_on_time_share"):
        family("due_on_time", REGISTRY)
    with pytest.raises(ExplainError, match="'quality_score' has no variants told by rules; these have: .*due_on_time"):
        family("quality_score", REGISTRY)
    with duckdb.connect(str(tmp_path / "empty.duckdb")) as connection:
        connection.execute("CREATE SCHEMA marts")
    with pytest.raises(ExplainError, match="marts.service_requests is not published yet"):
        told(tmp_path / "empty.duckdb", "due_on_time_share", "closed_on_time_share")
    file = publish(tmp_path, [Request()])
    with duckdb.connect(str(file)) as connection:
        connection.execute("ALTER TABLE marts.service_requests DROP department")
    with pytest.raises(ExplainError, match="marts.service_requests cannot tell: .*department"):
        told(file, "due_on_time_share", "closed_on_time_share", Scope(department="streets"))


FAMILIES = [family(metric.id, REGISTRY) for metric in REGISTRY.values() if metric.records]
OF_REQUESTS = [told for told in FAMILIES if told[0].records and told[0].records.mart == "service_requests"]
PAIRS = [pair for told in OF_REQUESTS for pair in combinations(told, 2)]
SETS = 1000


def random_request(dice: Random, area: str) -> Request:
    made = dice.uniform(0, 20 * DAY)
    return Request(
        made=made,
        due=dice.choice([None, made + dice.uniform(1, 6 * DAY), made + DAY]),
        closed=dice.choice([None, made + dice.uniform(0, 8 * DAY), made + dice.uniform(0, 0.3), made + DAY]),
        counting_class=dice.choice(["counted"] * 3 + ["duplicate", "internal", "cancelled"]),
        area=area,
        reopened=dice.choice([0, 0, 0, 1]),
    )


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[Request]]]:
    """A thousand sets of requests, one an area, of none to forty requests: many are tiny."""
    dice = Random(20261124)
    sizes = {str(area): dice.choice([1, 2, 3, 5, 12, 40]) for area in range(SETS)}
    requests = {area: [random_request(dice, area) for _ in range(size)] for area, size in sizes.items()}
    place = tmp_path_factory.mktemp("sets")
    return publish(place, (request for found in requests.values() for request in found)), requests


def share(
    requests: Iterable[Request], counts: Callable[[Request], bool], most_reopened: float = inf
) -> Fraction | None:
    counted = [request for request in requests if counts(request)]
    good = [one for one in counted if one.is_on_time and one.reopened <= most_reopened]
    return Fraction(len(good), len(counted)) if counted else None


def is_closed(request: Request, *classes: str) -> bool:
    return request.due is not None and request.closed is not None and request.counting_class in ("counted", *classes)


BY_HAND: dict[str, Callable[[list[Request]], Fraction | None]] = {
    "due_on_time_share": lambda them: share(them, lambda one: one.is_due and one.counting_class == "counted"),
    "strict_on_time_share": lambda them: share(
        them,
        lambda one: one.is_due and one.counting_class == "counted" and (one.minutes is None or one.minutes >= 10),
        most_reopened=0,
    ),
    "closed_on_time_share": lambda them: share(them, is_closed),
    "closed_on_time_with_duplicates_share": lambda them: share(them, lambda one: is_closed(one, "duplicate")),
    "closed_on_time_without_instant_share": lambda them: share(
        them, lambda one: is_closed(one) and (one.minutes or 0) >= 10
    ),
}


@pytest.mark.parametrize(("a", "b"), PAIRS, ids=lambda metric: metric.id)
def test_of_a_thousand_sets_all_parts_sum_exactly(
    sets: tuple[Path, dict[str, list[Request]]], a: Metric, b: Metric
) -> None:
    file, requests = sets
    before, after = choices_of(a, REGISTRY), choices_of(b, REGISTRY)
    changes = subsets([rule for rule in before if before[rule] != after[rule]])
    ways = Ways(records_of(a, REGISTRY), EVERYTHING, [mixed_way(a, b, changed, REGISTRY) for changed in changes])
    with duckdb.connect(str(file), read_only=True) as connection:
        asked = f"SELECT {', '.join(ways.columns())}, area_code FROM {ways.records} GROUP BY area_code"
        rows = connection.execute(asked).fetchall()
    assert len(rows) == SETS
    equal = 0
    for *row, area in rows:
        figures = dict(zip(changes, (one.value for one in ways.answer(row).figures), strict=True))
        ends = figures[changes[0]], figures[changes[-1]]
        for metric, figure in zip((a, b), ends, strict=True):
            assert metric.id not in BY_HAND or BY_HAND[metric.id](requests[area]) == figure
        if ends[0] is not None and ends[1] is not None:
            found = split([rule for rule in before if before[rule] != after[rule]], figures)
            assert sum(found.values()) == ends[1] - ends[0]
            equal += ends[0] == ends[1]
    assert equal, "sets with equal figures are among them, and their parts sum to nothing"


@pytest.mark.parametrize("area", range(0, SETS, 100))
def test_the_command_tells_what_the_arithmetic_gives(
    sets: tuple[Path, dict[str, list[Request]]], area: int
) -> None:
    file, requests = sets
    found = told(file, "due_on_time_share", "closed_on_time_without_instant_share", Scope(area=str(area)))
    before, after = (BY_HAND[metric.id](requests[str(area)]) for metric in (found.a, found.b))
    assert (found.before.value, found.after.value) == (before, after)
    if before is None or after is None:
        assert found.too_few and not found.causes
    else:
        assert sum(cause.part for cause in found.causes) == after - before
