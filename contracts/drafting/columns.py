"""The columns of a sample: the sender's fields, what lies inside those that are objects, and what they look like."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import polars as pl

from cities import FieldMap
from contracts.contract import all_contracts
from contracts.drafting.words import PERSONAL, PERSONAL_ZH, tokens
from contracts.errors import ContractError
from contracts.expressions import fields_read
from contracts.findings import LOOKS_PERSONAL
from contracts.reading import read
from extractors.quoting import identifier, literal

DATES = [
    None, "epoch_ms", "epoch_s", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y%m%d", "%d %b %Y",
    "%b %d, %Y", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S",
    "%a, %d %b %Y %H:%M:%S %z", "%Y年%m月%d日", "%Y年%m月%d日 %H:%M",
]  # fmt: skip
"""How senders write dates, the ISO one (None) first."""

NUMBERS = [None, "1,234.5", "$1,234.5", "1.234,5", "1 234,5", "1234,5"]
FORMATS: dict[str, list[str | None]] = {"instant": DATES, "date": DATES, "int": NUMBERS, "float": NUMBERS}
EPOCHS = {"epoch_ms": r"^\d{12,13}$", "epoch_s": r"^\d{9,10}$"}
MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"
PERSON = r"^\p{Lu}[\p{L}'’-]+ (\p{Lu}\.? )?\p{Lu}[\p{L}'’-]+$|^\p{Han}{2,4}$"
CONTACT = (
    r"@|(?:^|\D)\d{3}(?:[\s/-]+\d{3,4}[\s./-]?|\.\d{3}\.)\d{4}(?:\D|$)|\(\d{3}\)|(?:^|\D)(?:\+\d{9,}|1[3-9]\d{9})(?:\D|$)"
)
"""E-mails and numbers of telephones, also Chinese ones."""

MOST_CODES = 40
"""Different values beyond which a column is no list of codes."""

LONGEST_CODE = 60
PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
DEEPEST = 4


@dataclass(frozen=True)
class Writing:
    """How a column writes values of a type: the format, the share of values it reads, and formats that do as well."""

    format: str | None
    share: float
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """One column: how a city file reads it (a field's name, or an expression), the words it is called by, its values.

    `sender` is the sender's field that it is, or lies in. `is_whole` says that it holds objects or lists, whose parts
    are columns of their own.
    """

    name: str
    sender: str
    sql: str | None
    called: tuple[tuple[str, ...], ...]
    values: pl.Series
    is_whole: bool = False
    known: dict[tuple[str, str], Writing] = field(default_factory=dict, compare=False)

    @property
    def origin(self) -> dict[str, str]:
        """How a city file says where the values come from."""
        return {"sql": self.sql} if self.sql else {"from": self.name}

    @cached_property
    def given(self) -> pl.Series:
        """The values that are there."""
        return self.values.drop_nulls()

    @cached_property
    def share(self) -> float:
        """The share of records that have a value."""
        return len(self.given) / max(len(self.values), 1)

    @cached_property
    def distinct(self) -> int:
        """How many different values there are."""
        return self.given.n_unique()

    @cached_property
    def looks_personal(self) -> bool:
        """Whether values may be those of a person, by the column's name or by their shape: they are not shown then."""
        words = {word for words in self.called for word in words}
        if words & PERSONAL or any(word in self.name for word in PERSONAL_ZH):
            return True
        names = self.given.str.contains(PERSON).sum()
        return self.given.str.contains(CONTACT).any() or names > len(self.given) / 2 < self.distinct

    @cached_property
    def codes(self) -> list[str]:
        """The different values, the frequent ones first, where they are a list of codes that may be shown."""
        short = bool((self.given.str.len_chars() <= LONGEST_CODE).all())
        if self.is_whole or self.looks_personal or not short or not 0 < self.distinct <= MOST_CODES:
            return []
        if self.given.str.contains(LOOKS_PERSONAL).any():
            return []
        return self.given.value_counts(sort=True)[self.given.name].to_list()

    def writing(self, type: str, zone: str) -> Writing:
        """Return how it writes values of a type."""
        if (type, zone) not in self.known:
            self.known[type, zone] = _writing(self.given.head(300), type, zone)
        return self.known[type, zone]


def columns_of(records: pl.DataFrame) -> list[Column]:
    """Return the columns of a sample that hold any value."""
    found = [column for name in records.columns for column in _columns(name, records[name])]
    return [column for column in found if len(column.given)]


def _columns(name: str, values: pl.Series) -> Iterator[Column]:
    start = values.drop_nulls()
    if not len(start) or not start.str.contains(r"^\s*[{\[]").all():
        yield _by_month(Column(name, name, None, (tokens(name),), values))
        return
    yield Column(name, name, None, (tokens(name),), values, is_whole=True)
    try:
        objects = [json.loads(value) if value is not None else None for value in values]
    except ValueError:
        return
    for path, inner in _paths(objects, (), 0):
        yield _inner(name, path, inner)


def _by_month(column: Column) -> Column:
    """Make dates out of months, which are the first day of each."""
    if not len(column.given) or not column.given.str.contains(MONTH).all():
        return column
    return replace(column, sql=f"{_named(column.name)} || '-01'", values=column.values + "-01")


def _named(name: str) -> str:
    """Return a sender's field as an expression names it, in quotes where it would be read as something else."""
    try:
        return name if PLAIN.fullmatch(name) and fields_read(name) == {name} else identifier(name)
    except ContractError:
        return identifier(name)


Step = str | int


def _paths(objects: list[Any], path: tuple[Step, ...], depth: int) -> Iterator[tuple[tuple[Step, ...], list[Any]]]:
    """Yield what lies inside objects and the first elements of lists, with its path."""
    there = [one for one in objects if one is not None]
    if depth > DEEPEST or not there:
        return
    if all(isinstance(one, dict) for one in there):
        for name in dict.fromkeys(name for one in there for name in one):
            yield from _paths([one.get(name) if one else None for one in objects], (*path, name), depth + 1)
    elif all(isinstance(one, list) for one in there):
        is_place = bool(path) and path[-1] == "coordinates"
        for at in (0, 1) if is_place else (0,):
            inner = [one[at] if one is not None and len(one) > at else None for one in objects]
            yield from _paths(inner, (*path, at), depth + 1)
    elif not any(isinstance(one, (dict, list)) for one in there):
        yield path, objects


def _inner(name: str, path: tuple[Step, ...], objects: list[Any]) -> Column:
    steps = "".join(f"[{step}]" if isinstance(step, int) else f".{_step(step)}" for step in path)
    sql = f"{_named(name)}->>{literal('$' + steps)}"
    words = [name, *(step for step in path if isinstance(step, str))]
    if "coordinates" in words and isinstance(path[-1], int):
        # RFC 7946, 3.1.1: longitude first
        words.append(("longitude", "latitude")[path[-1]])
    called = (tokens(words[-1]), tokens(" ".join(words[-2:])))
    values = pl.Series([_text(one) for one in objects], dtype=pl.String)
    given = pl.select(pl.when(values.str.strip_chars().str.len_bytes() > 0).then(values)).to_series()
    return Column(".".join(words), name, sql, called, given.alias(name))


def _step(name: str) -> str:
    return name if PLAIN.fullmatch(name) else '"' + name.replace('"', '\\"') + '"'


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _writing(values: pl.Series, type: str, zone: str) -> Writing:
    wanted = replace(all_contracts()[0].fields[0], type=type)
    shares: dict[str | None, float] = {}
    for format in FORMATS.get(type, [None]):
        if format in EPOCHS and not values.str.contains(EPOCHS[format or ""]).all():
            continue
        read_values = read(values, wanted, FieldMap.model_validate({"from": "x", "format": format}), zone).values
        shares[format] = read_values.is_not_null().mean() or 0  # type: ignore[assignment]
        if format in (None, *EPOCHS) and shares[format] == 1:
            return Writing(format, 1)
    best = max(shares, key=lambda format: shares[format])
    is_number = type in {"int", "float"}
    also = [told for told, share in shares.items() if share == shares[best] > 0 and told not in (best, None)]
    return Writing(best, shares[best], () if is_number else tuple(told for told in also if told))
