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
    form = _form(known.text) if known else None
    for text in sorted(_not_older(texts, known), reverse=True):
        if known is not None and text <= known.text and _form(text) == form:
            continue
        found = rank(text)
        if found is None or (isinstance(found, datetime) and found > asked_at):
            continue
        mark = Mark(text, found)
        known = mark if known is None else max(known, mark, key=lambda one: one.order)
        form = _form(known.text)
    return known


def _not_older(texts: Iterable[str], known: Mark | None) -> set[str]:
    """Leave out what is older at first sight, which is nearly everything."""
    if known is None:
        return set(texts)
    text, size, end = known.text, len(known.text), known.text[CLOCK:]
    return {one for one in texts if one > text or len(one) != size or one[CLOCK:] != end}


def _form(text: str) -> tuple[int, str]:
    """Return what values of one length and offset share, so that their texts order them without reading."""
    return len(text), text[CLOCK:].lstrip(".0123456789")
