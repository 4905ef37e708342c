"""What `civiclake explain` prints: the variants of a metric, or what makes two of them differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any

from lake import published_file
from reports.metrics import Metric, read_registry
from reports.metrics.explain import ExplainError, Explanation, explain, family, read_figures
from reports.metrics.figures import Figure, Scope
from reports.metrics.registry import near
from reports.metrics.split import shown

DIGITS = {"share": 4, "minutes": 1}
OTHER_DIGITS = 2
HOW = "Each part is the mean of what its rule changes over all orders in which the rules can change: none is preferred."
JOINT = "Rules on one line cannot be told apart here: between them lie figures that rest on no record."


@dataclass(frozen=True)
class Printed:
    """Rows for standard output, remarks for standard error, and the exit code."""

    names: Sequence[str]
    rows: Sequence[Sequence[object]]
    remarks: Sequence[str] = ()
    exit_code: int = 0

    def columns(self, output: str) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
        """Return names and rows; the exact fractions are for programs, and a table is for people."""
        kept = len(self.names) - (output == "table" and self.names[-1] == "exact")
        return self.names[:kept], [row[:kept] for row in self.rows]


def list_variants(metric: str, asked: Mapping[str, Any]) -> Printed:
    """Return the figures of all variants of a metric; raises ExplainError."""
    registry = read_registry()
    metrics = family(metric, registry)
    figures = read_figures(published_file(), metrics, _scope(asked), registry)
    rows = [
        (one.id, found.n, _told(one, found) or "too few", one.sentence.en)
        for one, found in zip(metrics, figures, strict=True)
    ]
    return Printed(("variant", "records", "figure", "meaning"), rows)


def explain_variants(metric: str, a: str, b: str, asked: Mapping[str, Any]) -> Printed:
    """Return what makes two variants of a metric differ; raises ExplainError."""
    registry = read_registry()
    variants = {one.id: one for one in family(metric, registry)}
    for name in (a, b):
        if name not in variants:
            raise ExplainError(f"{metric!r} has no variant {name!r}; {near(name, list(variants))}")
    found = explain(published_file(), variants[a], variants[b], _scope(asked), registry)
    names = ("kind", "what", "from", "to", "records", "figure", "exact")
    if found.too_few or not found.causes and found.before.value != found.after.value:
        return Printed(names, _ends(found), [_too_few(found, one) for one in found.too_few], 1)
    remarks = [HOW] if len(found.causes) > 1 else []
    remarks += [JOINT] if any("; " in cause.before for cause in found.causes) else []
    return Printed(names, _rows(found), remarks)


def _rows(found: Explanation) -> list[tuple[object, ...]]:
    """Return the two figures, between them the causes, and at the end the difference, to which these sum."""
    assert found.before.value is not None and found.after.value is not None
    first, last = _ends(found)
    digits = DIGITS.get(found.a.unit, OTHER_DIGITS)
    parts = [cause.part for cause in found.causes]
    difference, rounded = shown(found.before.value, found.after.value, parts, digits)
    causes = [
        ("cause", one.title, one.before, one.after, one.records, _signed(told, digits), str(one.part))
        for one, told in zip(found.causes, rounded, strict=True)
    ]
    exact = found.after.value - found.before.value
    return [first, *causes, last, ("difference", "", "", "", None, _signed(difference, digits), str(exact))]


def _ends(found: Explanation) -> list[tuple[object, ...]]:
    return [
        ("figure", metric.id, "", "", figure.n, _told(metric, figure) or "too few", _exact(figure))
        for metric, figure in ((found.a, found.before), (found.b, found.after))
    ]


def _too_few(found: Explanation, metric: Metric) -> str:
    figure = found.before if metric is found.a else found.after
    return f"too few: {metric.id} rests on {figure.n:,} records here, and is told from {metric.minimum_n:,} on"


def _told(metric: Metric, figure: Figure) -> str | None:
    """Return a figure as it is shown, or None where it rests on too few records."""
    if figure.value is None or figure.n < metric.minimum_n:
        return None
    digits = DIGITS.get(metric.unit, OTHER_DIGITS)
    return f"{floor(figure.value * 10**digits + Fraction(1, 2)) / 10**digits:.{digits}f}"


def _exact(figure: Figure) -> str:
    return "" if figure.value is None else str(figure.value)


def _signed(part: Fraction, digits: int) -> str:
    return f"{float(part):+.{digits}f}"


def _scope(asked: Mapping[str, Any]) -> Scope:
    days = {name: asked[name].date() if asked[name] else None for name in ("first", "last")}
    if days["first"] and days["last"] and days["first"] > days["last"]:
        raise ExplainError(f"no day lies between {days['first']} and {days['last']}; give --from the earlier one")
    return Scope(**days, area=asked["area"], department=asked["department"])
