"""From text to types. Never mends: what was given and cannot be read exactly stays unread, and is told.

polars' own casts are not used on text as it came: they truncate, round, and let infinities through.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from cities import FieldMap
from contracts.contract import ContractField
from contracts.errors import ContractError
from contracts.instants import read_date, read_instant

WHOLE = r"^[+-]?\d+$"
DECIMAL = r"^[+-]?(?:\d+\.?\d*|\.\d+)$"
NUMBER = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$"
MOST_DIGITS = 9
"""Decimal places that a number may have to be multiplied exactly."""

TRUTH = {"true": True, "t": True, "yes": True, "y": True, "1": True,
         "false": False, "f": False, "no": False, "n": False, "0": False}  # fmt: skip
EXAMPLE = re.compile(r"(?P<before>\D*)1(?P<group>\D?)234(?P<point>\D)5(?P<after>\D*)")


@dataclass(frozen=True)
class Reading:
    """The typed values of a field, and which local times the clocks skipped or showed twice."""

    values: pl.Series
    skipped: pl.Series | None = None
    twice: pl.Series | None = None


def read(text: pl.Series, field: ContractField, told: FieldMap, zone: str) -> Reading:
    """Read one field's text into its type; unreadable values come out as nothing."""
    zone = told.zone or zone
    if field.type == "instant":
        return Reading(*read_instant(text, told.format, zone))
    if field.type == "date":
        return Reading(read_date(text, told.format, zone))
    if field.type in {"int", "float"}:
        plain = _plain(text, told.format)
        return Reading(_whole(plain, told.scale) if field.type == "int" else _decimal(plain, told.scale))
    if field.type == "bool":
        lower = text.str.to_lowercase()
        return Reading(lower.replace_strict(TRUTH, default=None, return_dtype=pl.Boolean))
    return Reading(text)


def _matching(text: pl.Series, pattern: str) -> pl.Series:
    return pl.select(pl.when(text.str.contains(pattern)).then(text)).to_series()


def _plain(text: pl.Series, example: str | None) -> pl.Series:
    """Write numbers without the thousands separators and signs of the format, which is the number 1234.5 as sent."""
    if example is None:
        return text
    told = EXAMPLE.fullmatch(example)
    if told is None:
        raise ContractError(f"`format: {example}` of a number must show 1234.5 as the sender writes it, like 1,234.5")
    before, group, point, after = (re.escape(told[part]) for part in ("before", "group", "point", "after"))
    digits = rf"(?:\d{{1,3}}(?:{group}\d{{3}})+|\d+)" if group else r"\d+"
    ours = text.str.strip_prefix(told["before"]).str.strip_suffix(told["after"])
    ours = _matching(ours, rf"^[+-]?{digits}(?:{point}\d+)?$")
    ours = ours.str.replace_all(told["group"], "", literal=True) if group else ours
    return ours.str.replace_all(told["point"], ".", literal=True)


def _whole(text: pl.Series, scale: int | None) -> pl.Series:
    """Read whole numbers; with a scale, decimals that become whole by it, multiplied without rounding."""
    if scale is None:
        return _matching(text.str.replace(r"\.0+$", ""), WHOLE).cast(pl.Int64, strict=False)
    parts = _matching(text, DECIMAL)
    fraction = parts.str.extract(r"\.(\d*?)0*$").fill_null("")
    fraction = pl.select(pl.when(fraction.str.len_bytes() <= MOST_DIGITS).then(fraction)).to_series()
    small = fraction.str.pad_end(MOST_DIGITS, "0").cast(pl.Int64) * scale
    whole = parts.str.extract(r"^[+-]?(\d*)").str.replace("^$", "0").cast(pl.Int64, strict=False)
    unit = 10**MOST_DIGITS
    fits = (small % unit == 0) & (whole < 2**62 // abs(scale))
    size = pl.when(fits).then(whole * scale + small // unit)
    return pl.select(pl.when(parts.str.starts_with("-")).then(-size).otherwise(size)).to_series()


def _decimal(text: pl.Series, scale: int | None) -> pl.Series:
    values = _matching(text, NUMBER).cast(pl.Float64, strict=False) * (scale or 1)
    return pl.select(pl.when(values.is_finite()).then(values)).to_series()
