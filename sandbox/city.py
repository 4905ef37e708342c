"""The whole city at 06:30 of a day: every department's feed as its sender's records, planned faults included."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock

from sandbox.departments import (
    buildings,
    finance,
    fire,
    hotline,
    hotline_ratings,
    lighting,
    planning,
    police,
    statistics,
    street_lights,
    voice,
)
from sandbox.faults import with_faults
from sandbox.feed import Feed, Record, known_events
from sandbox.mishaps import as_sent, mishap_of
from sandbox.world import World

ALL_FEEDS = (
    hotline.REQUESTS, hotline.PARK_REQUESTS, hotline_ratings.RATINGS,
    police.INCIDENTS, fire.CALLS, buildings.PERMITS, lighting.LAMP_POSTS,
    lighting.OBSERVATIONS, street_lights.LAMP_POWER, finance.BUDGET_LINES, finance.COMMITMENTS, finance.PAYMENTS,
    planning.TARGETS, planning.MEASURED, planning.TASKS, voice.NEWS, voice.FORUM, statistics.AREAS,
    statistics.POPULATION,
)  # fmt: skip
FEEDS: dict[str, Feed] = {feed.id: feed for feed in ALL_FEEDS}


class City:
    """Every system's state on one day; a feed is worked out when it is first asked for."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._records: dict[str, list[Record]] = {}
        self._lock = Lock()

    def records(self, feed: str) -> list[Record]:
        """The records of a feed as its sender shows them; KeyError when there is no such feed."""
        with self._lock:
            if feed not in self._records:
                self._records[feed] = self._written(FEEDS[feed])
            return self._records[feed]

    def _written(self, feed: Feed) -> list[Record]:
        records = with_faults(feed, self.world, known_events(feed, self.world))
        return as_sent(feed.id, self.world.day, records)

    def mishap(self, feed: str) -> str | None:
        """The kind of bad day a feed has, None on a good one."""
        return mishap_of(feed, self.world.day)

    @property
    def feeds(self) -> dict[str, list[Record]]:
        """All feeds by their id."""
        return {feed: self.records(feed) for feed in FEEDS}


@lru_cache(maxsize=4)
def city_on(seed: int, scale: float, day: int, minutes: int = 0) -> City:
    """The city as its systems stand at 06:30 of a day, or minutes later: a pure function of these four."""
    return City(World(seed, scale, day, minutes))
