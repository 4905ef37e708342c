"""Matches the columns of a sample with the fields of a contract: by their names, with the values as a filter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

import polars as pl

from cities import City
from contracts.contract import Contract, ContractField
from contracts.drafting.columns import Column
from contracts.drafting.words import PHRASES, is_generic, likeness, tokens

LEAST = 0.55
"""Likeness below which a column is not taken for a field."""

SURE = 0.62
KEY = 0.75
"""How much speaks for a column that is called no more than `id` or `code`."""

UNKNOWN_CODES = 0.56
"""How much is left of a match by name where no value is a code that anybody knows: just enough for the very name."""

ENOUGH = 0.5
MOSTLY = 0.9
PLACE = {"latitude", "longitude", "area_code"}
"""Fields that records of many kinds have, which say little of what kind one is."""

CODES: dict[str, list[str]] = {
    "closed": ["completed", "resolved", "done", "closed dup", "completed dup"],
    "open": ["new", "in progress", "pending", "received", "assigned", "open dup", "submitted"],
    "cancelled": ["canceled", "withdrawn", "void"],
    "applied": ["submitted", "application", "in review"],
    "issued": ["approved", "granted", "permit issued"],
    "completed": ["finaled", "closed", "complete"],
    "withdrawn": ["cancelled", "canceled", "void"],
    "pass": ["passed", "safe", "ok", "satisfactory", "compliant"],
    "fail": ["failed", "unsafe", "repair", "violation", "unsatisfactory"],
    "pass_with_conditions": ["pass w conditions", "conditional pass"],
    "female": ["f", "women"],
    "male": ["m", "men"],
    "all": ["total", "both", "t"],
    "app": ["mobile", "mobile app"],
    "phone": ["call", "telephone"],
    "web": ["online", "website", "internet"],
    "up": ["increase", "higher"],
    "down": ["decrease", "lower"],
    "keep": ["maintain", "same"],
    "level": ["last", "latest", "end of period"],
    "sum": ["added", "cumulative"],
    "stop": ["0"], "station": ["1"], "entrance": ["2"], "node": ["3"], "boarding_area": ["4"],
    "pm2_5": ["pm25"],
}  # fmt: skip
"""What senders write for the codes of the contracts."""


@dataclass(frozen=True)
class Match:
    """A column that is taken for a field, and how much speaks for it, from 0 to 1."""

    column: Column
    score: float

    @property
    def is_sure(self) -> bool:
        """Whether nobody needs to look at it."""
        return self.score >= SURE


@dataclass(frozen=True)
class Fit:
    """How well a contract fits a sample: which column is which of its fields."""

    contract: Contract
    matches: dict[str, Match]
    columns: int

    @property
    def absent(self) -> list[ContractField]:
        """The required fields that no column was taken for."""
        return [field for field in self.contract.fields if field.required and field.name not in self.matches]

    @property
    def evidence(self) -> float:
        """How far the required fields are there, from 0 to 1; places say little."""
        weights = {field.name: 0.3 if field.name in PLACE else 1 for field in self.contract.fields if field.required}
        found = sum(self.matches[name].score * weight for name, weight in weights.items() if name in self.matches)
        return found / sum(weights.values())

    @property
    def rank(self) -> float:
        """What orders contracts: the required fields first, then how many of the columns it knows."""
        return self.evidence + 0.5 * len(self.matches) / max(self.columns, 1)

    @property
    def fits(self) -> bool:
        """Whether the sample may be records of this kind."""
        required = sum(field.required for field in self.contract.fields)
        return self.evidence >= ENOUGH and len(self.absent) <= required / 2


def fit(contract: Contract, columns: list[Column], city: City) -> Fit:
    """Match each field with at most one column, the likeliest pairs first."""
    pairs = [
        (score, field.required, -at, field, column)
        for at, field in enumerate(contract.fields)
        for column in columns
        if (score := _score(contract, field, column, city)) >= LEAST
    ]
    matches: dict[str, Match] = {}
    taken: set[str] = set()
    for score, _, _, field, column in sorted(pairs, key=lambda pair: pair[:3], reverse=True):
        if field.name not in matches and column.name not in taken:
            matches[field.name] = Match(column, score)
            taken.add(column.name)
    ordered = {field.name: matches[field.name] for field in contract.fields if field.name in matches}
    return Fit(contract, ordered, sum(not column.is_whole for column in columns))


def _score(contract: Contract, field: ContractField, column: Column, city: City) -> float:
    named = max(_named(contract, field, words) for words in column.called)
    # of two that are called the same, the sender's own field rather than something inside one
    inside = 0.98 if column.sql else 1
    return named * inside * _shape(contract, field, column, city) if named >= LEAST else 0


def _named(contract: Contract, field: ContractField, words: tuple[str, ...]) -> float:
    phrases = [field.name, field.title, *PHRASES.get(f"{contract.name}.{field.name}", PHRASES.get(field.name, []))]
    found = max(likeness(tokens(phrase), words) for phrase in phrases)
    if contract.key == [field.name] and set(words) <= {"id", "code", "key"}:
        found = max(found, KEY)
    return found * (0.85 if is_generic(words) and words != tokens(field.name) else 1)


def _shape(contract: Contract, field: ContractField, column: Column, city: City) -> float:
    """How far the values can be those of the field, from 0 to 1."""
    if column.is_whole:
        return float(field.name == "geometry")
    if field.name == "geometry":
        return 0
    if field.allowed:
        known = any(ours for ours, _ in coded(column.codes, field.allowed).values())
        return 1 if known else UNKNOWN_CODES if column.codes else 0
    if field.reference == "area":
        # wards and police districts have numbers too: of several the one that knows most of the city's areas
        return 0.8 + 0.2 * len(set(column.given.unique()) & set(city.areas.codes)) / len(city.areas.codes)
    if contract.key == [field.name] and column.distinct < ENOUGH * len(column.given):
        return 0.5
    return _readable(field, column, city.time_zone)


def _readable(field: ContractField, column: Column, zone: str) -> float:
    if field.type == "str":
        # `requested` is called like the request and like the time of it, and numbers can be read as days too
        return 0.9 if max(column.writing(type, zone).share for type in ("date", "instant")) >= MOSTLY else 1
    share = column.writing(value_type(field), zone).share
    if share < ENOUGH or not _in_range(field, column):
        return 0
    return 1 if share >= MOSTLY else 0.8


def value_type(field: ContractField) -> str:
    """Return the type that the sender's values have: cents are whole, the money that they are made of is not."""
    return "float" if field.unit == "cents" else field.type


def _in_range(field: ContractField, column: Column) -> bool:
    if field.ge is None or field.le is None:
        return True
    numbers = column.given.cast(pl.Float64, strict=False).drop_nulls()
    return len(numbers) == 0 or numbers.is_between(field.ge, field.le).sum() >= MOSTLY * len(numbers)


def coded(codes: list[str], allowed: tuple[str, ...]) -> dict[str, tuple[str | None, bool]]:
    """Return for each of the sender's codes ours, None where nothing is near, and whether that is sure."""
    return {code: _coded(_plain(code), allowed) for code in codes}


def _plain(code: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", code.lower()))


def _coded(code: str, allowed: tuple[str, ...]) -> tuple[str | None, bool]:
    names = {_plain(one): one for one in allowed}
    if code in names:
        return names[code], True
    for one in allowed:
        if code in CODES.get(one, []):
            return one, False
    near = get_close_matches(code, list(names), n=1, cutoff=0.75)
    return (names[near[0]], False) if near else (None, False)
