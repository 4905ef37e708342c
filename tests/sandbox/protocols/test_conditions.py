from __future__ import annotations

import operator

import pytest

from sandbox.protocols.conditions import Condition, parse_conditions, parse_order


@pytest.mark.parametrize(
    "text, read",
    [
        ("", []),
        ("1=1", []),
        ("a >= 'it''s'", [Condition("a", operator.ge, "it's")]),
        ("(a<5) AND b != 'x'", [Condition("a", operator.lt, "5"), Condition("b", operator.ne, "x")]),
        ("a between '1' and '2'", [Condition("a", operator.ge, "1"), Condition("a", operator.le, "2")]),
        ("EditDate > TIMESTAMP '2026-01-01 00:00:00'", [Condition("EditDate", operator.gt, "2026-01-01 00:00:00")]),
        ("time ge 2026-01-01T00:00:00Z", [Condition("time", operator.ge, "2026-01-01T00:00:00Z")]),
    ],
)
def test_conditions_of_all_three_protocols_are_read(text: str, read: list[Condition]) -> None:
    assert parse_conditions(text) == read


@pytest.mark.parametrize("text", ["a", "a =", "a = 1 or b = 2", "a ~ 1", "a = 'open"])
def test_what_is_not_comparisons_joined_by_and_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_conditions(text)


def test_an_order_names_fields_and_whether_they_fall() -> None:
    assert parse_order("a, b DESC,c asc") == [("a", False), ("b", True), ("c", False)]
