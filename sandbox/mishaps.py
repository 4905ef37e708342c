"""What goes wrong with a whole delivery, and on which day: the systems' bad days, as opposed to spoilt records."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.feed import Record

DOWN, EMPTY_POLL, COUNT_OFF = "system_down", "empty_poll", "count_mismatch"
COLUMN_RENAMED, FIELD_ADDED, ERROR_ONCE = "layout_removed", "layout_added", "error_once"

COUNTED_TOO_MANY = 3
"""By how much the police portal's own count is off on its bad day."""


@dataclass(frozen=True)
class Mishap:
    """One bad day of one feed: what happens, the sender's field it touches, and what a correct lake makes of it."""

    day: int
    feed: str
    kind: str
    field: str | None
    verdict: str


MISHAPS = (
    Mishap(2, "buildings__permits", DOWN, None, "missing"),
    Mishap(2, "voice__news", EMPTY_POLL, None, "accepted"),
    Mishap(3, "hotline__requests", FIELD_ADDED, "crew", "warn"),
    Mishap(4, "police__incidents", COUNT_OFF, None, "warn"),
    Mishap(4, "fire__calls", ERROR_ONCE, None, "accepted"),
    Mishap(5, "planning__measures", COLUMN_RENAMED, "value", "refused"),
)


def mishap_of(feed: str, day: int) -> str | None:
    """The kind of bad day a feed has, None on a good one."""
    return next((m.kind for m in MISHAPS if m.feed == feed and m.day == day), None)


def arrives(feed: str, day: int) -> bool:
    """Whether the feed can be fetched at all."""
    return mishap_of(feed, day) != DOWN


def is_refused(feed: str, day: int) -> bool:
    """Whether what arrives must be refused as a whole."""
    return mishap_of(feed, day) == COLUMN_RENAMED


def day_held(feed: str, day: int) -> int:
    """The last day, up to this one, whose delivery of the feed a lake that ran every day could load."""
    return next(d for d in range(day, -1, -1) if arrives(feed, d) and not is_refused(feed, d))


def as_sent(feed: str, day: int, records: list[Record]) -> list[Record]:
    """The records as they leave the system on this day: none at an empty poll, under another name after a renaming."""
    kind = mishap_of(feed, day)
    if kind == EMPTY_POLL:
        return []
    if kind == COLUMN_RENAMED:
        return [{("actual" if name == "value" else name): value for name, value in r.items()} for r in records]
    return records
