"""Conditions joined by AND, as SoQL, ArcGIS SQL and OData write them: read once, then asked of every record."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<sign><=|>=|<>|!=|=|<|>)|(?P<word>[^\s'<>=!()]+)|(?P<bracket>[()]))"
)
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
    ">=": operator.ge, "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le, "gt": operator.gt,
    "ge": operator.ge,
}  # fmt: skip
_DATE_WORDS = {"timestamp", "date"}


@dataclass(frozen=True)
class Condition:
    """One comparison of a field with a literal; `value` is the literal's text without quotes."""

    field: str
    compare: Callable[[Any, Any], bool]
    value: str


def _tokens(text: str) -> list[str]:
    found, position = [], 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"cannot read the condition at character {position}")
        position = match.end()
        word = match.group("word")
        # Brackets mean nothing where all is joined by AND; TIMESTAMP and DATE only announce a literal.
        if not match.group("bracket") and (word is None or word.lower() not in _DATE_WORDS):
            found.append(match.group().strip())
    return found


def _literal(token: str) -> str:
    return token[1:-1].replace("''", "'") if token.startswith("'") else token


def _parsed(tokens: Sequence[str]) -> Iterator[Condition]:
    rest = list(tokens)
    while rest:
        field, sign = rest.pop(0), rest.pop(0).lower()
        first = _literal(rest.pop(0))
        if sign == "between":
            rest.pop(0)
            yield Condition(field, operator.ge, first)
            yield Condition(field, operator.le, _literal(rest.pop(0)))
        elif field != "1":
            yield Condition(field, _OPERATORS[sign], first)
        if rest and rest.pop(0).lower() != "and":
            raise ValueError("conditions can only be joined by AND")


def parse_conditions(text: str) -> list[Condition]:
    """Read a condition text; ValueError when it is not comparisons joined by AND."""
    try:
        return list(_parsed(_tokens(text)))
    except (IndexError, KeyError):
        raise ValueError("the condition is not comparisons joined by AND") from None


def parse_order(text: str) -> list[tuple[str, bool]]:
    """Read `a, b desc` into fields and whether each falls."""
    parts = [part.split() for part in text.split(",") if part.strip()]
    return [(words[0], len(words) > 1 and words[1].lower() == "desc") for words in parts]
