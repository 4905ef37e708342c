"""Reads the metric registry; a mistake is told with its file and line."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from cities.home import PROJECT
from cities.yaml_files import locate, read_yaml
from reports.metrics.model import Choice, Metric, MetricsFile, Records, Rule, Strict, Told
from reports.words import TEXTS

METRICS = PROJECT / "dbt_project" / "metrics"
Registry = Mapping[str, Metric]
"""The metrics by id."""


class MetricError(ValueError):
    """The registry cannot be used; the message names file, line, what is wrong and what is allowed."""


@cache
def read_registry(folder: Path = METRICS) -> Registry:
    """Return every metric by id, in the order of files and entries. Raises MetricError."""
    registry: dict[str, Metric] = {}
    places: dict[str, tuple[Path, int]] = {}
    for path in sorted(folder.glob("*.yml")):
        for position, metric in enumerate(read_yaml(path, MetricsFile, MetricError, _keys_at).root):
            if metric.id in registry:
                raise MetricError(_at(path, position, "id", f"{metric.id!r} is defined in {places[metric.id][0]} too"))
            registry[metric.id] = metric
            places[metric.id] = path, position
    for metric in registry.values():
        if told := _mistake(metric, registry):
            raise MetricError(_at(*places[metric.id], *told))
    return registry


def headline(metric: Metric, registry: Registry) -> Metric:
    """Return the metric from which a variant differs; a headline is its own."""
    return registry[metric.variant_of] if metric.variant_of else metric


def formula_of(metric: Metric, registry: Registry) -> str:
    """Return how a metric is worked out, as people read it."""
    if metric.value or metric.numerator:
        scale = "" if metric.scale == 1 else f"{metric.scale:g} * "
        return metric.value or f"{scale}{metric.numerator} / {metric.denominator}"
    return registry[metric.variant_of or metric.id].value or "records that are a success / records that are counted"


def near(name: str, known: list[str]) -> str:
    """Return the nearest of the known names, as a question, or all of them."""
    found = get_close_matches(name, known, n=1)
    return f"did you mean {found[0]}?" if found else f"there are {', '.join(known)}"


def _mistake(metric: Metric, registry: Registry) -> tuple[str, str] | None:
    """Return the key of what is wrong with a metric among the others, and what it is."""
    if metric.unit not in TEXTS["unit"]:
        return "unit", f"reports/texts/unit.yml has no unit {metric.unit!r}; {near(metric.unit, list(TEXTS['unit']))}"
    if metric.variant_of is None:
        return None
    if metric.variant_of not in registry:
        return "variant_of", f"no metric {metric.variant_of!r}; {near(metric.variant_of, list(registry))}"
    of = registry[metric.variant_of]
    if of.variant_of:
        return "variant_of", f"{of.id!r} is a variant itself; name its headline {of.variant_of!r}"
    if of.unit != metric.unit:
        return "unit", f"variants share their unit, which is {of.unit!r}"
    return _wrong_rule(metric, of.records) if metric.rules else None


def _wrong_rule(metric: Metric, records: Records | None) -> tuple[str, str] | None:
    rules = {rule.id: rule for rule in records.rules} if records else {}
    for rule, choice in (metric.rules or {}).items():
        if rule not in rules:
            return "rules", f"{metric.variant_of!r} has no rule {rule!r}; {near(rule, list(rules))}"
        if choice not in rules[rule].choices:
            return "rules", f"rule {rule!r} has no choice {choice!r}; {near(choice, list(rules[rule].choices))}"
    return None


def _at(path: Path, position: int, key: str, message: str) -> str:
    line, where = locate(path.read_text(encoding="utf-8"), (position, key))
    return f"{path}:{line}: {where}: {message}"


def _keys_at(loc: tuple[Any, ...]) -> list[str]:
    """Return the keys that may stand where an unknown one was found."""
    models: dict[int, type[Strict]] = {3: Records, 5: Rule, 7: Choice}
    model = Told if loc[-2] in ("sentence", "title", "words") else models.get(len(loc), Metric)
    return list(model.model_fields)
