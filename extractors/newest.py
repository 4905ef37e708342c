"""Which cursor value the next fetch may start from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

CLOCK = len("2026-10-26T06:30:00")


@dataclass(frozen=True)
class Mark:
    """A cursor value as the sender wrote it, and what orders it."""

    text: str
    rank: datetime | Decimal

    @property
    def order(self) -> tuple[bool, datetime | Decimal]:
        """Orders marks also where a source mixes instants and numbers, which do not compare."""
        return isinstance(self.rank, Decimal), self.rank


def newest(
    texts: Iterable[str], known: Mark | None, rank: Callable[[str], datetime | Decimal | None], asked_at: datetime
) -> Mark | None:
    """Return the greatest of a page's cursor values and the one known before.

    Values that cannot be read do not count, and none later than `asked_at` does: one mistaken year 2099 would hide
    every record to come, and what changed while the pages were read may have been missed, so it is asked for again.
    """
    for text in sorted(set(texts), reverse=True):
        if known is not None and _is_written_alike(text, known.text) and text <= known.text:
            continue
        found = rank(text)
        if found is None or (isinstance(found, datetime) and found > asked_at):
            continue
        mark = Mark(text, found)
        known = mark if known is None else max(known, mark, key=lambda one: one.order)
    return known


def _is_written_alike(one: str, other: str) -> bool:
    """Return whether two values have one form and offset, so that their texts order them without reading."""
    return len(one) == len(other) and _offset(one) == _offset(other)


def _offset(text: str) -> str:
    return text[CLOCK:].lstrip(".0123456789")
