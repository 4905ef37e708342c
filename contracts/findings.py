"""What judging finds: marks on the records of a batch, told as findings with examples that give nobody away."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import polars as pl

from contracts.contract import Contract
from contracts.rules import GENERAL, Rule

WITHHELD = "(withheld)"
BLANK = "(blank)"
CUT = 40
MOST_WARNINGS = 100
"""Findings of a warning that are kept of one rule and field in a delivery; its count is always complete."""

# the numbers of records have many digits too; they are what people find a record by
LOOKS_PERSONAL = r"@|\d{7,}|\d{3}[\s./-]+\d{3,4}[\s./-]?\d{4}|\(\d{3}\)"
FINDING: dict[str, type[pl.DataType]] = {
    "rec": pl.Int64, "rule": pl.String, "dimension": pl.String, "strength": pl.String, "field": pl.String,
    "sender_field": pl.String, "example": pl.String, "expected": pl.String, "message": pl.String,
}  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """One rule applied to one field of a batch: how many values it saw, and the rows that broke it.

    checked is None where the rule could not be applied, because the feed does not map a field that it needs.
    """

    rule: Rule
    field: str
    checked: int | None
    rows: pl.Series = dataclasses.field(default_factory=lambda: pl.Series(dtype=pl.UInt32))


def mark(rule: str | Rule, field: str, failing: pl.Series, checked: int) -> Mark:
    """Return the mark of a rule whose failing rows are given as a mask."""
    return Mark(GENERAL[rule] if isinstance(rule, str) else rule, field, checked, failing.fill_null(False).arg_true())


def told(
    marks: list[Mark], contract: Contract, senders: dict[str, str], sent: pl.DataFrame, recs: pl.Series
) -> pl.DataFrame:
    """Tell the marks of a batch as findings, one row for each broken rule, field and record.

    `recs` are the places of the batch's rows in the delivery.
    """
    rows = [_told(mark, contract, senders.get(mark.field), sent, recs) for mark in marks if len(mark.rows)]
    return pl.concat([pl.DataFrame(schema=FINDING), *rows]).sort("rec", maintain_order=True)


def _told(mark: Mark, contract: Contract, sender: str | None, sent: pl.DataFrame, recs: pl.Series) -> pl.DataFrame:
    return pl.DataFrame({"rec": recs.gather(mark.rows)}).with_columns(
        rule=pl.lit(mark.rule.id),
        dimension=pl.lit(mark.rule.dimension),
        strength=pl.lit(mark.rule.strength),
        field=pl.lit(mark.field or None, pl.String),
        sender_field=pl.lit(sender, pl.String),
        example=_example(mark, contract, sent),
        expected=pl.lit(expected(mark.rule, mark.field, contract), pl.String),
        message=pl.lit(mark.rule.en),
    )


def _example(mark: Mark, contract: Contract, sent: pl.DataFrame) -> pl.Series | pl.Expr:
    """Show what was sent, unless it is or looks like something of a person."""
    if mark.field not in sent.columns:
        return pl.lit(None, pl.String)
    text, field = sent[mark.field].gather(mark.rows), contract.field(mark.field)
    hidden = pl.lit(True) if field.is_personal else text.str.contains("@" if field.key else LOOKS_PERSONAL)
    shown = pl.when(text.is_null()).then(pl.lit(BLANK)).when(hidden).then(pl.lit(WITHHELD))
    return pl.select(shown.otherwise(text.str.slice(0, CUT))).to_series()


READABLE = {
    "str": "text", "int": "a whole number", "float": "a number", "bool": "true or false", "date": "a date",
    "instant": "a date and time",
}  # fmt: skip


def expected(rule: Rule, field: str, contract: Contract) -> str | None:
    """Say in words what a good value would be."""
    if not field:
        return None
    held = contract.field(field)
    if rule.id == "unreadable":
        return READABLE[held.type]
    if rule.id == "out_of_range" and (held.ge, held.le) != (None, None):
        return _range(held.ge, held.le)
    return {
        "blank": "a value",
        "unknown_code": "a code listed in the city file",
        "not_allowed": f"one of {', '.join(held.allowed)}",
        "malformed": f"text like {held.pattern}",
        "unknown_area": "a district code of the city",
        "in_the_future": "not later than the day it was sent",
    }.get(rule.id)


def _range(least: float | None, most: float | None) -> str:
    if most is None:
        return f"{least:g} or more"
    return f"{most:g} or less" if least is None else f"from {least:g} to {most:g}"
