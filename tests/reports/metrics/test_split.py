"""The arithmetic of a difference: parts that sum exactly, of no order, and that are still a sum when rounded."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from reports.metrics.split import Changed, shown, split, subsets

RULES = "abc"
FIGURES = st.dictionaries(
    st.sampled_from(subsets(RULES)), st.one_of(st.none(), st.fractions(0, 1, max_denominator=50))
).map(lambda known: {**dict.fromkeys(subsets(RULES), Fraction(1, 2)), **known})
ENDS = {frozenset[str](): Fraction(1, 3), frozenset(RULES): Fraction(3, 4)}


@given(FIGURES)
def test_parts_sum_to_the_difference(figures: dict[Changed, Fraction | None]) -> None:
    parts = split(RULES, {**figures, **ENDS})
    assert sum(parts.values()) == Fraction(3, 4) - Fraction(1, 3)
    assert sorted("".join("".join(cause) for cause in parts)) == list(RULES)


@given(FIGURES)
def test_a_part_is_the_mean_of_the_steps_of_every_order_that_can_be_gone(
    figures: dict[Changed, Fraction | None],
) -> None:
    told = {**figures, **ENDS}
    orders = [
        order for order in permutations(RULES)
        if all(told[frozenset(order[:place])] is not None for place in range(len(order)))
    ]  # fmt: skip
    steps: dict[tuple[str, ...], list[Fraction]] = {(rule,): [] for rule in RULES}
    for order in orders:
        for place, rule in enumerate(order):
            after, before = told[frozenset(order[: place + 1])], told[frozenset(order[:place])]
            assert after is not None and before is not None
            steps[(rule,)].append(after - before)
    expected = {cause: sum(found) / len(found) for cause, found in steps.items() if found}
    assert split(RULES, told) == (expected or {tuple(RULES): Fraction(5, 12)})


def test_a_rule_that_changes_nothing_has_no_part_and_two_that_do_the_same_share() -> None:
    figures = {one: Fraction(1, 2) if one & {"a", "b"} else Fraction(1, 4) for one in subsets(RULES)}
    assert split(RULES, figures) == {("a",): Fraction(1, 8), ("b",): Fraction(1, 8), ("c",): 0}


def test_rules_that_cannot_be_told_apart_are_one_cause() -> None:
    figures = dict.fromkeys(subsets("ab")) | {frozenset(): Fraction(1, 4), frozenset("ab"): Fraction(1)}
    assert split("ab", figures) == {("a", "b"): Fraction(3, 4)}


def test_two_definitions_that_are_one_differ_in_nothing() -> None:
    assert split("", {frozenset(): Fraction(1, 4)}) == {}


@given(st.fractions(-5, 5), st.lists(st.fractions(-2, 2), min_size=1, max_size=6), st.integers(0, 4))
def test_rounded_parts_sum_to_the_rounded_difference(before: Fraction, parts: list[Fraction], digits: int) -> None:
    unit = Fraction(1, 10**digits)
    difference, rounded = shown(before, before + sum(parts), parts, digits)
    assert sum(rounded) == difference
    assert abs(difference - sum(parts)) < unit
    for part, told in zip(parts, rounded, strict=True):
        assert abs(part - told) < unit and told % unit == 0
        assert part != 0 or told == 0


def test_the_largest_remainders_are_rounded_up() -> None:
    thirds = [Fraction(1, 3), Fraction(2, 3), Fraction(-1, 2)]
    assert shown(Fraction(0), Fraction(1, 2), thirds, 0) == (1, [0, 1, 0])
    assert shown(Fraction(1, 3), Fraction(2, 3), [Fraction(1, 9)] * 3, 2) == (
        Fraction(34, 100), [Fraction(12, 100), Fraction(11, 100), Fraction(11, 100)]
    )  # fmt: skip
