"""What a correct lake holds that ran every day from 0 on: events, without bad days and unmended faults."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from sandbox.city import FEEDS
from sandbox.clock import now_on
from sandbox.faults import is_mended, located
from sandbox.feed import Feed, known_events
from sandbox.mishaps import EMPTY_POLL, day_held, mishap_of
from sandbox.world import World


def as_of(feed: str, day: int) -> datetime:
    """The instant of the last state of a feed that the lake could load."""
    return now_on(day_held(feed, day))


@lru_cache(maxsize=48)
def held_events(feed: str, world: World) -> tuple[Any, ...]:
    """The events of a feed whose records the lake holds on the world's day."""
    source = FEEDS[feed]
    if source.window:
        return _held_from_windows(source, world)
    return tuple(_good(source, World(world.seed, world.scale, day_held(feed, world.day))))


def _good(feed: Feed, world: World) -> list[Any]:
    known = known_events(feed, world)
    faults = located(feed, world, known)
    spoilt = {key for key, fault in faults.items() if fault.verdict == "set_aside" and not is_mended(fault, world.day)}
    return [event for event in feed.shown(known, world.now) if event.key not in spoilt]


def _held_from_windows(feed: Feed, world: World) -> tuple[Any, ...]:
    """The union of what was shown day by day: a source that shows its latest items only must be asked every day."""
    days = [day for day in range(world.day + 1) if mishap_of(feed.id, day) != EMPTY_POLL]
    shown = [event for day in days for event in _good(feed, World(world.seed, world.scale, day))]
    return tuple({event.key: event for event in shown}.values())
