"""What every department's generator offers: events with their whole life, and how a system shows one at an instant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sandbox.world import World

Record = dict[str, Any]
"""One record as its sender writes it: the sender's field names and notations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened in the city, with everything that will become of it.

    `key` is the sender's key, `known_at` the instant its system first shows it, `gone_at` the one it vanishes again.
    """

    key: str
    known_at: datetime
    gone_at: datetime | None = None

    def is_gone(self, now: datetime) -> bool:
        """Whether the system shows this event no more at an instant."""
        return self.gone_at is not None and self.gone_at <= now


@dataclass(frozen=True)
class Feed:
    """One stream of records of one department.

    `events` lists what has happened up to a world's day; `record` writes one of these events as the system shows it at
    an instant; `stamp` names the sender's field of the last change and `write_stamp` writes an instant into it. A
    system that shows only its latest events says how many in `window`.
    """

    id: str
    events: Callable[[World], Sequence[Any]]
    record: Callable[[Any, datetime], Record]
    stamp: str = ""
    write_stamp: Callable[[datetime], Any] | None = None
    window: int | None = None

    def shown(self, known: Sequence[Any], now: datetime) -> list[Any]:
        """Those of the known events that the system shows at an instant."""
        shown = [event for event in known if not event.is_gone(now)]
        return shown[-self.window :] if self.window else shown


@lru_cache(maxsize=48)
def known_events(feed: Feed, world: World) -> tuple[Any, ...]:
    """The events that a system has ever known at 06:30 of the world's day, in the order in which it learned of them."""
    known = (event for event in feed.events(world) if event.known_at <= world.now)
    return tuple(sorted(known, key=lambda event: event.known_at))
