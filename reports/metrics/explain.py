"""Why two true figures differ: their difference in parts, by the rules in which their definitions differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import duckdb

from lake import connect_published
from reports.metrics.cohort import choices_of, records_of
from reports.metrics.figures import Answer, Figure, Scope, Way, Ways
from reports.metrics.model import Metric
from reports.metrics.registry import Registry, headline, near
from reports.metrics.split import Changed, split, subsets
from reports.words import say

FORMULA = "formula"
"""Stands for a rule where one variant is a median and the other a mean, say."""


class ExplainError(ValueError):
    """Nothing can be explained; the message says why, and what there is."""


@dataclass(frozen=True)
class Cause:
    """A rule, or several that cannot be told apart: what each choice was and is, the records it moves, and its part."""

    title: str
    before: str
    after: str
    records: int
    part: Fraction


@dataclass(frozen=True)
class Explanation:
    """Two figures, and what makes them differ; no cause is told of figures that rest on too few records."""

    a: Metric
    b: Metric
    before: Figure
    after: Figure
    causes: Sequence[Cause]

    @property
    def too_few(self) -> list[Metric]:
        """The metrics that rest on fewer records than they ask for."""
        pairs = ((self.a, self.before), (self.b, self.after))
        return [metric for metric, figure in pairs if figure.n < metric.minimum_n]


def family(metric_id: str, registry: Registry) -> list[Metric]:
    """Return a metric's headline and all variants that rules tell apart; raises ExplainError where it has none."""
    if metric_id not in registry:
        raise ExplainError(f"no metric {metric_id!r}; {near(metric_id, list(registry))}")
    of = headline(registry[metric_id], registry)
    told = [one for one in registry.values() if one.variant_of == of.id and one.rules]
    if of.records is None or not told:
        explained = [one.id for one in registry.values() if one.records]
        raise ExplainError(f"{metric_id!r} has no variants told by rules; these have: {', '.join(explained)}")
    return [of, *told]


def explain(published: Path, a: Metric, b: Metric, scope: Scope, registry: Registry) -> Explanation:
    """Split the difference from `a` to `b`, two of a family, over the published records of a scope."""
    changes = _changes(a, b, registry)
    sets = subsets([change.id for change in changes])
    ways = [mixed_way(a, b, changed, registry) for changed in sets]
    moves = _moves(sets)
    answer = _ask(published, a, ways, list(moves.values()), scope, registry)
    told = Explanation(a, b, answer.figures[0], answer.figures[-1], ())
    if told.too_few or told.before.value is None or told.after.value is None:
        return told
    moved = dict(zip(moves, answer.moved, strict=True))
    values = {changed: figure.value for changed, figure in zip(sets, answer.figures, strict=True)}
    parts = split([change.id for change in changes], values)
    return replace(told, causes=[_cause(ids, changes, moved[frozenset(ids)], part) for ids, part in parts.items()])


def _moves(sets: Sequence[Changed]) -> dict[Changed, list[tuple[int, int]]]:
    """Return for each rule, and for all together, between which ways a record must stand otherwise to be moved by it.

    A rule moves a record that it alone makes stand otherwise, be it the first rule to change or the last.
    """
    place = {changed: position for position, changed in enumerate(sets)}
    none, full = sets[0], sets[-1]
    moves = {one: [(place[none], place[one]), (place[full - one], place[full])] for one in sets if len(one) == 1}
    return {**moves, full: [(place[none], place[full])]}


def read_figures(published: Path, metrics: Sequence[Metric], scope: Scope, registry: Registry) -> list[Figure]:
    """Return the figures of metrics of one family, in one reading."""
    ways = [mixed_way(metric, metric, frozenset(), registry) for metric in metrics]
    return list(_ask(published, metrics[0], ways, [], scope, registry).figures)


@dataclass(frozen=True)
class _Change:
    """Something in which two variants differ."""

    id: str
    title: str
    before: str
    after: str


def _changes(a: Metric, b: Metric, registry: Registry) -> list[_Change]:
    """Return the rules in which two variants differ, and the formula where they do not share it."""
    before, after = choices_of(a, registry), choices_of(b, registry)
    told = [
        _Change(rule.id, rule.title.en, *(rule.choices[each[rule.id]].words.en for each in (before, after)))
        for rule in records_of(a, registry).rules
        if before[rule.id] != after[rule.id]
    ]
    was, now = (str(_formula(metric, registry)) for metric in (a, b))
    return told if was == now else [*told, _Change(FORMULA, say("metric.formula")["en"], was, now)]


def _formula(metric: Metric, registry: Registry) -> str | None:
    return metric.value or headline(metric, registry).value


def mixed_way(a: Metric, b: Metric, changed: Changed, registry: Registry) -> Way:
    """Return how to work out the figure that is `a` but for the rules that were changed to those of `b`."""
    before, after = choices_of(a, registry), choices_of(b, registry)
    choices = {rule: (after if rule in changed else before)[rule] for rule in before}
    return Way(choices, _formula(b if FORMULA in changed else a, registry), headline(a, registry).scale)


def _ask(
    published: Path, of: Metric, ways: list[Way], moves: list[list[tuple[int, int]]], scope: Scope, registry: Registry
) -> Answer:
    records = records_of(of, registry)
    connection = connect_published(published)
    try:
        return Ways(records, scope, ways).read(connection, moves)
    except duckdb.CatalogException:
        raise ExplainError(f"marts.{records.mart} is not published yet: build the marts first") from None
    except duckdb.BinderException as error:
        told = str(error).splitlines()[0]
        raise ExplainError(f"marts.{records.mart} cannot tell: {told}") from None
    finally:
        connection.close()


def _cause(ids: tuple[str, ...], changes: Sequence[_Change], records: int, part: Fraction) -> Cause:
    told = [change for change in changes if change.id in ids]
    titles, before, after = (
        "; ".join(getattr(change, name) for change in told) for name in ("title", "before", "after")
    )
    return Cause(titles, before, after, records, part)
