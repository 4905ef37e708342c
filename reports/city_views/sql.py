"""The SQL of a view with its gaps filled: what is asked, what the page prints, and what anybody can ask again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache

from reports.city_views.declared import DeclaredView, Query
from reports.metrics import Metric, Registry, read_registry
from reports.metrics.cohort import choices_of, cohort, records_of

FISCAL_YEAR = (
    "(SELECT year({day}) + (fiscal_year_month > 1 AND month({day}) >= fiscal_year_month)::BIGINT"
    " FROM (SELECT coalesce(fiscal_year_month, 1) AS fiscal_year_month FROM ops.city))"
)
"""The fiscal year of a day by the city's own year, named after the calendar year in which it ends."""


class _MetricSql:
    """A metric in a query: its figure, or what stands after the colon."""

    def __init__(self, metric: Metric, registry: Registry) -> None:
        self._metric, self._registry = metric, registry

    def __format__(self, wanted: str) -> str:
        if wanted == "records":
            return self._records()
        one = self._metric
        scale = "" if one.scale == 1 else f"{one.scale:g} * "
        figure = one.value or f"{scale}{one.numerator} / {one.denominator}"
        return f"CASE WHEN {one.denominator} >= {one.minimum_n} THEN {figure} END".replace("{}", wanted)

    def _records(self) -> str:
        records = records_of(self._metric, self._registry)
        told = cohort(records, choices_of(self._metric, self._registry))
        further = "".join(f", {sql} AS {name}" for name, sql in records.columns.items())
        return f"(SELECT *{further}, {told.day} AS counted_day FROM marts.{records.mart} WHERE {told.counted})"


def questions(view: DeclaredView, day: date) -> dict[str, str]:
    """Return the SQL of a view's figures on a day: of its headline, each of its charts, and its table."""
    charts: dict[str, Query] = {chart.id: chart for chart in view.charts}
    queries: dict[str, Query] = {"headline": view.headline, **charts, "table": view.table}
    gaps = {**_metrics(), "day": f"DATE '{day}'", "fiscal_year": FISCAL_YEAR.format(day=f"DATE '{day}'")}
    return {name: query.sql.strip().format_map(gaps) for name, query in queries.items()}


def needed_marts(view: DeclaredView) -> set[str]:
    """Return the marts that its queries ask."""
    return set(re.findall(r"\bmarts\.(\w+)", " ".join(questions(view, date.min).values())))


@cache
def _metrics() -> Mapping[str, _MetricSql]:
    registry = read_registry()
    return {name: _MetricSql(metric, registry) for name, metric in registry.items()}
