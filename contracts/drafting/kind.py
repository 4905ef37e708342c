"""Writes the draft of a contract for a kind of record that none knows; `# ?` stands where a human must decide."""

from __future__ import annotations

import json
import keyword
import re
from dataclasses import dataclass
from itertools import combinations

import polars as pl

from contracts.drafting.columns import Column
from contracts.fields import Record

SURE = 0.98
FREE_TEXT = 60
"""Characters beyond which a text may be what somebody wrote."""

MOSTLY = 0.95
ENOUGH = 20
MOST_TRIED = 8
LARGEST_KEY = 4
MOST_ROWS = 5_000
"""Records on which keys of several columns are tried."""

MOST_ALLOWED = 12
KEYS = {"id", "code", "key"}
TAKEN = {"field", "date"}
"""Names that a contract's module uses itself."""


@dataclass(frozen=True)
class DraftField:
    """One field of a drafted contract: its name, its type, its column, whether it is part of the key."""

    name: str
    type: str
    column: Column
    is_key: bool


def draft_fields(columns: list[Column], zone: str) -> list[DraftField]:
    """Return a field for each column that holds single values."""
    single = [column for column in columns if not column.is_whole]
    key = {column.name for column in _key(single, zone)}
    fields: dict[str, DraftField] = {}
    for column in single:
        kind = _type(column, zone)
        kind = "str" if column.name in key and kind not in {"instant", "date"} else kind
        name = _name(column, kind, set(fields))
        fields[name] = DraftField(name, kind, column, column.name in key)
    return list(fields.values())


def _key(columns: list[Column], zone: str) -> list[Column]:
    """Return the columns that together name a record, as few as possible, rather those that are called like a key."""
    able = [column for column in columns if column.share > MOSTLY and not column.looks_personal]
    called = [column for column in able if _is_called_key(column)]
    alone = [column for column in called if column.distinct == len(column.given)]
    if alone:
        return alone[:1]
    times = [column for column in able if _type(column, zone) in {"instant", "date"}]
    texts = [column for column in able if _type(column, zone) in {"str", "int"}]
    ordered = list({column.name: column for column in [*called, *times, *texts]}.values())[:MOST_TRIED]
    for size in range(1, LARGEST_KEY + 1):
        for group in combinations(ordered, size):
            if _names_records(group):
                return list(group)
    return (ordered or columns)[:1]


def _is_called_key(column: Column) -> bool:
    return any(set(words) & KEYS for words in column.called)


def _names_records(group: tuple[Column, ...]) -> bool:
    values = pl.DataFrame([column.values.head(MOST_ROWS).alias(str(at)) for at, column in enumerate(group)])
    return bool(values.is_unique().all())


def _type(column: Column, zone: str) -> str:
    """Return the narrowest type that reads the values; digits alone are neither a date nor, led by 0, a number."""
    words = {word for words in column.called for word in words}
    if column.given.str.contains(r"^-?0\d+$").any() or words & {"id", "code", "phone"}:
        return "str"
    if column.given.str.to_lowercase().is_in(["true", "false"]).all():
        return "bool"
    for kind in ("int", "float"):
        if column.writing(kind, zone).share >= SURE:
            return kind
    if column.writing("instant", zone).share >= SURE:
        return "instant" if column.given.str.contains(r"\d:\d\d").any() else "date"
    return "str"


def _name(column: Column, kind: str, taken: set[str]) -> str:
    """Return a name of our own, with the suffix that promises the type."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column.name).lower()
    name = re.sub(r"[^a-z0-9]+", "_", words).strip("_") or "column"
    name = f"n_{name}" if name[0].isdigit() else name
    if kind == "instant":
        name = (re.sub(r"_?(datetime|date|time|at)$", "", name) or "record") + "_at"
    if kind == "date":
        name = (re.sub(r"_?(date|day)$", "", name) or "record") + "_date"
    if keyword.iskeyword(name) or hasattr(Record, name) or name in TAKEN:
        name += "_told"
    return next(one for one in [name, *(f"{name}_{at}" for at in range(2, 999))] if one not in taken)


def kind_module(name: str, fields: list[DraftField]) -> str:
    """Return the text of `contracts/kinds/<name>.py`."""
    types = {field.type for field in fields}
    helpers = [*(["Instant"] if "instant" in types else []), "Record", "field"]
    words = name.replace("_", " ")
    lines = [
        f'"""What is known of each {words}."""', "", "from __future__ import annotations", "",
        *(["from datetime import date", ""] if "date" in types else []),
        f"from contracts.fields import {', '.join(helpers)}", "", "",
        f"class {''.join(part.title() for part in name.split('_'))}(Record):",
        f'    """One row for each {words}."""  # ? what exactly is one record', "",
        "    class Config:",
        '        """What holds for the kind as a whole."""', "",
        '        # ? whom it is about ("subject"), how many years the law lets it be kept, the standard it follows',
        '        metadata = {"version": "1.0.0", "subject": None, "retention_years": 10, "standard": None}', "",
    ]  # fmt: skip
    return "\n".join([*lines, *(line for field in fields for line in _field_lines(field)), ""])


def _field_lines(field: DraftField) -> list[str]:
    title = " ".join(re.findall(r"[^\W_]+", field.column.name)).capitalize() or field.name
    told = [json.dumps(title, ensure_ascii=False)]
    told += _strength(field)
    hidden, doubt = _privacy(field)
    allowed = _allowed(field) if not hidden else []
    told += hidden + ([f"allowed={json.dumps(allowed, ensure_ascii=False)}"] if allowed else [])
    doubts = [doubt, "all values that may come?" if allowed else "", "does it name a record?" if field.is_key else ""]
    shown = "; ".join(filter(None, doubts))
    kind = {"instant": "Instant"}.get(field.type, field.type)
    line = f"    {field.name}: {kind} = field({', '.join(told)})"
    return ([f"    # ? {field.name}: {shown}"] if shown else []) + _wrapped(line, told)


def _wrapped(line: str, told: list[str]) -> list[str]:
    if len(line) <= 120:
        return [line]
    parts = [one.replace("[", "[\n            ").replace('", "', '",\n            "').replace("]", ",\n        ]")
             if one.startswith("allowed=") else one for one in told]  # fmt: skip
    return [line.partition("(")[0] + "(", *(f"        {one}," for one in parts), "    )"]


def _strength(field: DraftField) -> list[str]:
    if field.is_key:
        return ["key=True"]
    return ["required=True"] if field.column.share == 1 else []


def _privacy(field: DraftField) -> tuple[list[str], str]:
    """Guess what must become of the values before they may enter the lake; a human has to say so."""
    column, personal = field.column, 'classification="personal"'
    words = {word for words in column.called for word in words}
    if field.type == "float" and words & {"latitude", "longitude"}:
        return [personal, 'privacy="generalise"', "decimals=3"], "a home or a public place?"
    if column.looks_personal:
        hidden = ['privacy="pseudonym"', 'domain="person"'] if field.is_key else ['privacy="drop"']
        return [personal, *hidden], "personal? drop, pseudonym (with a domain), mask, or public after all"
    if field.type != "str" or field.is_key:
        return [], ""
    if (column.given.str.len_chars().mean() or 0) > FREE_TEXT:  # type: ignore[operator]
        return [personal, 'privacy="mask"'], "did people write it?"
    return [], ""


def _allowed(field: DraftField) -> list[str]:
    codes = field.column.codes
    few = 0 < len(codes) <= MOST_ALLOWED and len(field.column.given) >= ENOUGH
    return sorted(codes) if field.type == "str" and not field.is_key and few else []
