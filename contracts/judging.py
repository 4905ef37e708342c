"""Applies every rule that looks at single records to a batch, and tells which rows broke which.

pandera's checks give the masks of the fields; the kind's own rules theirs; the city's list of districts and the
instant of the fetch are known only here. A blank value breaks no rule but `blank`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pandera.polars as pa
import polars as pl

from contracts.contract import Contract, ContractField
from contracts.findings import Mark, mark
from contracts.mapping import Mapping
from contracts.reading import Reading, read
from contracts.rules import GENERAL

CLOCK_SKEW = timedelta(minutes=5)
CHECKS = {
    "isin": "not_allowed",
    "greater_than_or_equal_to": "out_of_range",
    "less_than_or_equal_to": "out_of_range",
    "str_matches": "malformed",
}


@dataclass(frozen=True)
class Judge:
    """Everything that the rules need to know beside the record."""

    mapping: Mapping
    areas: frozenset[str]
    fetched_at: datetime
    zone: str

    @property
    def contract(self) -> Contract:
        """The contract it judges by."""
        return self.mapping.contract

    def typed(self, texts: pl.DataFrame, failed: dict[str, pl.Series]) -> tuple[pl.DataFrame, list[Mark]]:
        """Read all fields into their types; fields that the feed does not map are blank.

        `failed` gives, for fields made by an expression, the records for which it could not be worked out.
        """
        columns, marks = [], []
        for field in self.contract.fields:
            if field.name not in self.mapping.fields:
                columns.append(pl.repeat(None, len(texts), dtype=DTYPES[field.type], eager=True).alias(field.name))
                continue
            text = texts[field.name]
            reading = read(text, field, self.mapping.fields[field.name], self.mapping.zone)
            columns.append(reading.values.cast(DTYPES[field.type]).alias(field.name))
            marks += _reading_marks(text, reading, field, failed.get(field.name))
        return pl.DataFrame(columns), marks

    def marks(self, typed: pl.DataFrame, sent: pl.DataFrame, failed: dict[str, pl.Series]) -> list[Mark]:
        """Apply the rules of fields, of the kind, of the city and of time."""
        found = [_blank(field, sent, failed.get(field.name)) for field in self.contract.fields if field.required]
        for field in self.contract.fields:
            found += self._field_marks(typed, field)
        return found + self._rule_marks(typed)

    def _field_marks(self, typed: pl.DataFrame, field: ContractField) -> list[Mark]:
        rules = sorted({CHECKS[check.name] for check in self.contract.checks(field.name)})
        rules += ["unknown_area"] if field.reference == "area" else []
        rules += ["in_the_future"] if field.not_future else []
        if field.name not in self.mapping.fields:
            return [Mark(GENERAL[rule], field.name, None) for rule in rules]
        values = typed[field.name]
        return [mark(rule, field.name, self._broken(rule, values, field), values.count()) for rule in rules]

    def _broken(self, rule: str, values: pl.Series, field: ContractField) -> pl.Series:
        if rule == "unknown_area":
            return ~values.is_in(list(self.areas))
        if rule == "in_the_future":
            return values > self._latest(field)
        checks = [check for check in self.contract.checks(field.name) if CHECKS[check.name] == rule]
        masks = [_passing(check, values) for check in checks]
        return pl.DataFrame(masks).select(~pl.all_horizontal(pl.all())).to_series()

    def _latest(self, field: ContractField) -> object:
        if field.type == "date":
            return self.fetched_at.astimezone(ZoneInfo(self.zone)).date()
        return self.fetched_at + CLOCK_SKEW

    def _rule_marks(self, typed: pl.DataFrame) -> list[Mark]:
        marks = []
        for held in self.contract.rules:
            holds = held.holds(self.contract.model)
            if not set(holds.meta.root_names()) <= set(self.mapping.fields):
                marks.append(Mark(held.rule, held.field, None))
                continue
            passing = typed.select(holds.alias("holds")).to_series()
            marks.append(mark(held.rule, held.field, ~passing, passing.count()))
        return marks


DTYPES: dict[str, pl.DataType] = {
    "str": pl.String(), "int": pl.Int64(), "float": pl.Float64(), "bool": pl.Boolean(), "date": pl.Date(),
    "instant": pl.Datetime("us", "UTC"),
}  # fmt: skip


def _blank(field: ContractField, sent: pl.DataFrame, failed: pl.Series | None) -> Mark:
    blank = sent[field.name].is_null()
    return mark("blank", field.name, blank if failed is None else blank & ~failed, len(sent))


def _reading_marks(text: pl.Series, reading: Reading, field: ContractField, failed: pl.Series | None) -> list[Mark]:
    """Mark what could not be read, and what local times the clocks skipped or showed twice."""
    given, unread = text.count(), text.is_not_null() & reading.values.is_null()
    if field.type == "str" and failed is None:
        return []
    if failed is not None:
        given, unread = given + int(failed.sum()), unread | failed
    if reading.skipped is None or reading.twice is None:
        return [mark("unreadable", field.name, unread, given)]
    return [
        mark("unreadable", field.name, unread & ~reading.skipped, given),
        mark("local_time_missing", field.name, reading.skipped, given),
        mark("local_time_twice", field.name, reading.twice, given),
    ]


def _passing(check: pa.Check, values: pl.Series) -> pl.Series:
    result = check(pl.LazyFrame([values]), values.name)
    return result.check_output.collect().to_series().alias(check.name)
