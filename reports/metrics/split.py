"""Splits the difference between two figures into parts that sum to it exactly.

The figures differ in rules. Changing the rules one by one gives steps, but a step depends on what was changed before.
So each part is the mean of its rule's steps over all orders in which the rules can change (a Shapley value): no order
is preferred, rules that do the same get the same, and a rule that changes nothing gets nothing. Orders that lead
through a figure over no record are left out; where that leaves none, the rules are told as one cause.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from math import floor

Changed = frozenset[str]
"""The rules that were changed already."""


def split(rules: Sequence[str], figures: Mapping[Changed, Fraction | None]) -> dict[tuple[str, ...], Fraction]:
    """Return each cause, mostly a single rule, with its part of the difference.

    `figures` holds the figure for every set of changed rules, None where it rests on no record; the one without a
    change and the one with all of them must be given.
    """
    none, full = frozenset[str](), frozenset(rules)
    whole = _given(figures, full) - _given(figures, none)
    to_here, from_here = _orders(rules, figures, none), _orders(rules, figures, full)
    if not to_here[full]:
        return {tuple(rules): whole}
    parts = dict.fromkeys(rules, Fraction(0))
    for changed in subsets(rules):
        for rule in full - changed:
            # as many orders take this step as ways lead to its start, times ways that lead on from its end
            if orders := to_here[changed] * from_here[changed | {rule}]:
                step = _given(figures, changed | {rule}) - _given(figures, changed)
                parts[rule] += Fraction(orders, to_here[full]) * step
    return {(rule,): part for rule, part in parts.items()}


def subsets(rules: Sequence[str]) -> list[Changed]:
    """Return all sets of rules, the smallest first."""
    return [frozenset(chosen) for size in range(len(rules) + 1) for chosen in combinations(rules, size)]


def shown(before: Fraction, after: Fraction, parts: Sequence[Fraction], digits: int) -> tuple[Fraction, list[Fraction]]:
    """Return the difference of the two figures as they are shown, and the parts rounded so that they sum to it.

    All are rounded down but for those with the largest remainders.
    """
    unit = Fraction(1, 10**digits)
    difference = floor(after / unit + Fraction(1, 2)) - floor(before / unit + Fraction(1, 2))
    units = [floor(part / unit) for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda place: units[place] - parts[place] / unit)
    for place in by_remainder[: difference - sum(units)]:
        units[place] += 1
    return difference * unit, [count * unit for count in units]


def _orders(rules: Sequence[str], figures: Mapping[Changed, Fraction | None], start: Changed) -> dict[Changed, int]:
    """Count the ways between `start`, which is none of the rules or all, and each set, over figures that exist."""
    ways = {start: 1}
    for changed in sorted(subsets(rules), key=lambda one: len(one ^ start))[1:]:
        nearer = [changed ^ {rule} for rule in rules if len(changed ^ {rule} ^ start) < len(changed ^ start)]
        ways[changed] = sum(ways[one] for one in nearer) if figures[changed] is not None else 0
    return ways


def _given(figures: Mapping[Changed, Fraction | None], changed: Changed) -> Fraction:
    figure = figures[changed]
    assert figure is not None, changed
    return figure
