"""How sources write instants: reading a cursor value, and writing the ends of what is asked for.

A record asked for twice is recognised later, one that was left out is lost: wherever a writing is ambiguous, the
span asked for grows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

NUMBER = re.compile(r"-?\d+(\.\d+)?")
EXTENDED = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?")
NOTHING = timedelta(0)


def earlier(text: str, span: timedelta) -> str:
    """Return a cursor value stepped back by a span, in its own form; what is no ISO 8601 instant or date stays.

    A number stays too: an overlap is a time, and how many records of a numbered source fall into it nobody knows.
    """
    clock = EXTENDED.match(text)
    read = _read(text) if clock else None
    if clock is None or read is None or not span:
        return text
    try:
        moved = (read.replace(tzinfo=None) - span).isoformat(text[10:11] or "T", "microseconds")
    except OverflowError:
        return text
    # cutting digits off steps further back, never forward
    return moved[: clock.end()] + text[clock.end() :]


@dataclass(frozen=True)
class Writing:
    """How one source writes the start of a window, its end, and a cursor value that it sent earlier.

    `earlier` steps a cursor value back by a span before it is written.
    """

    start: Callable[[datetime], str]
    end: Callable[[datetime], str]
    cursor: Callable[[str], str] = str
    earlier: Callable[[str, timedelta], str] = earlier


def rank(text: str, zone: ZoneInfo) -> datetime | Decimal | None:
    """Return what orders a cursor value: a number, an instant (`zone` where it has no offset), None when it is neither.

    Digits alone are a number, also where ISO 8601 could take them for a date.
    """
    if NUMBER.fullmatch(text):
        return Decimal(text)
    read = _read(text)
    if read is None:
        return None
    try:
        return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        # the last or first instant of all, which some systems write for "none", has no UTC everywhere
        return None


def in_utc(pattern: str, overlap: timedelta = NOTHING) -> Writing:
    """Return the writing of a source that names instants in UTC by a strftime pattern.

    `overlap` steps back from a kept cursor, for a source that does not say whether its comparison is `>` or `>=`.
    """

    def write(instant: datetime) -> str:
        return instant.astimezone(UTC).strftime(pattern)

    def step_back(cursor: str) -> str:
        read = _read(cursor)
        try:
            return cursor if read is None or read.tzinfo is None or not overlap else write(read - overlap)
        except OverflowError:
            return cursor

    return Writing(start=write, end=write, cursor=step_back)


def by_clock(zone: ZoneInfo, pattern: str = "%Y-%m-%dT%H:%M:%S", step: timedelta = timedelta(seconds=1)) -> Writing:
    """Return the writing of a source whose values are clock times of `zone` without an offset, or dates (`step` a day).

    The hour that a clock shows twice when summer time ends is asked for whole, since its values cannot be told apart.
    """

    def start(instant: datetime) -> str:
        clock = instant.astimezone(zone).replace(tzinfo=None)
        return (clock - _shown_twice(clock, zone)).strftime(pattern)

    def end(instant: datetime) -> str:
        clock = instant.astimezone(zone).replace(tzinfo=None)
        reached = clock + _shown_twice(clock, zone)
        return (reached + (datetime.min - reached) % step).strftime(pattern)

    def step_back(cursor: str) -> str:
        clock = None if NUMBER.fullmatch(cursor) else _read(cursor)
        if clock is None or clock.tzinfo is not None or not _shown_twice(clock, zone):
            return cursor
        # in the cursor's own form: a source that compares texts sorts 2026-11-01T00:30 after 2026-11-01 01:10
        earlier = (clock - _shown_twice(clock, zone)).isoformat(cursor[10:11] or "T", "seconds")
        return earlier[: len(cursor)]

    return Writing(start=start, end=end, cursor=step_back)


def _read(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _shown_twice(clock: datetime, zone: ZoneInfo) -> timedelta:
    """Return how far apart two instants lie that show this clock time; nothing for all but one hour of the year."""
    first, second = (clock.replace(tzinfo=zone, fold=fold).utcoffset() or NOTHING for fold in (0, 1))
    return max(first - second, NOTHING)
