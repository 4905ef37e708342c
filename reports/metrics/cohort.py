"""Who is counted: the SQL of a metric's rules, which `macros/metric.sql` writes into the marts in the same words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reports.metrics.model import Choice, Metric, Records
from reports.metrics.registry import Registry, headline

Choices = Mapping[str, str]
"""The choice of each rule."""


@dataclass(frozen=True)
class Cohort:
    """The SQL over single records: which count, on which day, and which of them are a success."""

    counted: str
    day: str
    success: str


def choices_of(metric: Metric, registry: Registry) -> Choices:
    """Return the choice of each rule: the headline's first ones, but for those in which a variant differs."""
    records = records_of(metric, registry)
    return {rule.id: (metric.rules or {}).get(rule.id, rule.first) for rule in records.rules}


def records_of(metric: Metric, registry: Registry) -> Records:
    """Return how records make a metric; only to be asked of one that has them."""
    records = headline(metric, registry).records
    assert records is not None, metric.id
    return records


def cohort(records: Records, choices: Choices) -> Cohort:
    """Return the SQL of one choice of each rule."""
    chosen: list[Choice] = [rule.choices[choices[rule.id]] for rule in records.rules]
    day = next((choice.day for choice in chosen if choice.day), records.day)
    conditions = [records.counted, *(choice.counted for choice in chosen if choice.counted), f"({day}) is not null"]
    success = next((choice.success for choice in chosen if choice.success), records.success)
    return Cohort(counted=" and ".join(f"({one})" for one in conditions), day=str(day), success=success or "true")
