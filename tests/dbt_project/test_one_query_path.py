"""A figure is the same whoever asks: the marts, and `civiclake explain` over the published records."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import pytest

import lake
from reports.metrics import read_registry
from reports.metrics.explain import explain, family, read_figures
from reports.metrics.figures import Figure, Scope
from tests.dbt_project.small_lake import SmallLake

REGISTRY = read_registry()
HEADLINES = [metric.id for metric in REGISTRY.values() if metric.records]
SHARES = {
    "due_on_time_share": ("due_count", "due_on_time_count"),
    "closed_on_time_share": ("closed_with_target_count", "closed_on_time_count"),
    "strict_on_time_share": ("strict_due_count", "strict_due_on_time_count"),
}
"""The counts of service_levels_daily behind the shares that it shows."""


@pytest.fixture(scope="module")
def published(built: SmallLake) -> Path:
    """The invented city's marts, published as after every build."""
    with built._environment():
        return lake.publish(["service_requests", "emergency_responses", "service_levels_daily"])


def figure(published: Path, metric: str, scope: Scope) -> Figure:
    return read_figures(published, [REGISTRY[metric]], scope, REGISTRY)[0]


@pytest.mark.parametrize("metric", SHARES)
def test_the_counts_of_every_day_and_area_are_those_of_the_records(
    built: SmallLake, published: Path, metric: str
) -> None:
    counted, succeeded = SHARES[metric]
    rows = built.rows(f"""
        SELECT area_code, department, day, sum({counted}), sum({succeeded}) FROM lake.marts.service_levels_daily
        GROUP BY ALL""")
    assert sum(row[3] for row in rows)
    for area, department, day, n, successes in rows:
        found = figure(published, metric, Scope(day, day, area, department))
        assert (found.n, found.value) == (n, Fraction(int(successes), int(n)) if n else None)
    # and no record counts on a day that the mart does not show
    assert figure(published, metric, Scope()).n == sum(row[3] for row in rows)


def test_closed_requests_are_those_of_the_median(built: SmallLake, published: Path) -> None:
    [[closed]] = built.rows("""
        SELECT count(minutes_to_close) FROM lake.marts.service_requests
        WHERE counting_class = 'counted' AND NOT is_instant""")
    assert figure(published, "median_minutes_to_close", Scope()).n == closed > 0


def test_a_month_of_an_area_has_the_same_response_and_the_same_share(built: SmallLake, published: Path) -> None:
    rows = built.rows("""
        SELECT area_code, month, median_response_minutes, emergency_incident_count, due_on_time_share, due_count
        FROM lake.marts.area_profile_monthly""")
    assert any(row[5] for row in rows)
    for area, month, median, incidents, share, due in rows:
        scope = Scope(month, (month + timedelta(days=31)).replace(day=1) - timedelta(days=1), area)
        response, on_time = (figure(published, one, scope) for one in ("median_response_minutes", "due_on_time_share"))
        assert response.n <= (incidents or 0)
        is_told = response.n >= REGISTRY["median_response_minutes"].minimum_n
        assert median == (float(response.value) if is_told and response.value is not None else None)
        assert on_time.n == (due or 0)
        assert share == (float(on_time.value) if on_time.value is not None else None)


@pytest.mark.parametrize("headline", HEADLINES)
def test_every_pair_of_variants_of_a_built_city_is_explained(published: Path, headline: str) -> None:
    for a, b in combinations(family(headline, REGISTRY), 2):
        found = explain(published, a, b, Scope(last=date(2100, 1, 1)), REGISTRY)
        if found.too_few:
            assert not found.causes
        else:
            assert found.before.value is not None and found.after.value is not None
            assert sum(cause.part for cause in found.causes) == found.after.value - found.before.value
