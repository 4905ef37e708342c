"""The ways in which a good record is spoilt. Each gives the records that are sent in its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sandbox.feed import Record

Path = tuple[str | int, ...]
Spoil = Callable[[Record], list[Record]]

MISSING = object()
"""In the place of a value: the field is not sent at all."""

YEAR = timedelta(days=365)


def replaced(record: Any, path: Path, value: Any) -> Any:
    """A copy of a record with another value at a path of names and positions."""
    step, *rest = path
    inner = replaced(record[step], tuple(rest), value) if rest else value
    if isinstance(record, list):
        return [inner if i == step else part for i, part in enumerate(record)]
    changed = {**record, step: inner}
    return {name: part for name, part in changed.items() if part is not MISSING}


def parse_path(field: str) -> Path:
    """`Locations[0].location` as the steps that lead there."""
    steps = field.replace("[", ".").replace("]", "").split(".")
    return tuple(int(step) if step.isdigit() else step for step in steps)


def written(field: str, value: Any) -> Spoil:
    """The field holds this instead; names with dots, such as `@iot.id`, cannot be spoilt."""
    return lambda record: [replaced(record, parse_path(field), value)]


def dated(field: str, move: Callable[[Any], Any], **others: Any) -> Spoil:
    """The date in one field is moved; other fields are set so that nothing else is wrong."""
    return lambda record: [{**record, **others, field: move(record[field])}]


def before(field: str, other: str, move: Callable[[Any], Any], **others: Any) -> Spoil:
    """One date is written earlier than another one, from which it is worked out."""
    return lambda record: [{**record, **others, field: move(record[other])}]


def shifted(fields: tuple[str, ...], milliseconds: int) -> Spoil:
    """Several epoch dates are moved together; empty ones stay empty."""

    def spoil(record: Record) -> list[Record]:
        moved = {name: record[name] + milliseconds for name in fields if record[name] is not None}
        return [{**record, **moved}]

    return spoil


def sent_twice(record: Record) -> list[Record]:
    """The same record two times over."""
    return [record, record]


def contradicted(**values: Any) -> Spoil:
    """A second version with the same key and the same stamp says something else."""
    return lambda record: [record, {**record, **values}]


def iso_moved(by: timedelta) -> Callable[[str], str]:
    """Moves an ISO 8601 date, or date and time, and keeps its notation."""

    def move(text: str) -> str:
        if len(text) == len("2026-10-25"):
            return (datetime.fromisoformat(text) + by).date().isoformat()
        precision = "milliseconds" if "." in text else "auto"
        moved = (datetime.fromisoformat(text) + by).isoformat(timespec=precision)
        return moved.replace("+00:00", "Z") if text.endswith("Z") else moved

    return move


def pattern_moved(pattern: str, by: timedelta) -> Callable[[str], str]:
    """Moves a date that is written after a strftime pattern."""
    return lambda text: (datetime.strptime(text, pattern) + by).strftime(pattern)


def stamped(record: Mapping[str, Any], field: str, stamp: Any) -> Record:
    """A copy whose stamp of the last change is at least this one."""
    return {**record, field: max(record[field], stamp)}
