"""What one fetch asks a source for: everything, everything since a cursor, or one window of time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from zoneinfo import ZoneInfo

from extractors.clocks import NOTHING, Writing


@dataclass(frozen=True)
class Window:
    """A half-open span on the feed's cursor field, `start <= value < end`; None leaves a side open."""

    start: datetime | None = None
    end: datetime | None = None

    def __post_init__(self) -> None:
        for instant in (self.start, self.end):
            if instant is not None and instant.tzinfo is None:
                raise ValueError(f"{instant} has no offset; the ends of a window are instants")
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise ValueError(f"the window from {self.start} to {self.end} is empty")

    @property
    def is_open(self) -> bool:
        """True when neither side is given, so that the cursor decides."""
        return self.start is None and self.end is None

    @property
    def in_seconds(self) -> tuple[datetime | None, datetime | None]:
        """The smallest window of whole seconds around this one, which every source can be asked for."""
        start = None if self.start is None else self.start.replace(microsecond=0)
        end = None if self.end is None else (self.end + timedelta(microseconds=999_999)).replace(microsecond=0)
        return start, end


@dataclass
class Tally:
    """What a fetch cost the source, over all its threads: calls over the network, and how many were repetitions."""

    http_calls: int = 0
    retries: int = 0
    _lock: Lock = field(default_factory=Lock, compare=False, repr=False)

    def called(self) -> None:
        """Count a call."""
        with self._lock:
            self.http_calls += 1

    def repeated(self) -> None:
        """Count that a call is made again."""
        with self._lock:
            self.retries += 1


@dataclass(frozen=True)
class Question:
    """What is asked, and the private folder where answers too big for memory lie while they are read.

    `cursor` is the sender's own writing of the last value seen, `overlap` how far before it to ask again. `zone` reads
    clock times that carry no offset. `validator` is what the last accepted answer can be recognised by, None where the
    whole must come in any case. `place` is where the delivery will be visible. `is_taken_in` tells of the place of an
    earlier delivery whether what it holds need not come again.
    """

    cursor: str | None
    window: Window
    zone: ZoneInfo
    asked_at: datetime
    spool: Path
    tally: Tally = field(default_factory=Tally)
    validator: str | None = None
    place: Path = Path()
    overlap: timedelta = NOTHING
    is_taken_in: Callable[[Path], bool] = Path.exists

    def narrows(self, field: str | None) -> bool:
        """Return whether less than the whole is asked of a feed with this cursor field; one without is taken whole."""
        return field is not None and (self.cursor is not None or not self.window.is_open)

    def bounds(self, field: str | None, writing: Writing) -> tuple[str | None, str | None]:
        """Return the lowest value of the cursor field asked for, and the first no longer asked for, in its writing."""
        if field is None:
            return None, None
        if self.window.is_open:
            return (None if self.cursor is None else writing.cursor(writing.earlier(self.cursor, self.overlap))), None
        start, end = self.window.in_seconds
        return (None if start is None else writing.start(start)), (None if end is None else writing.end(end))
