"""What fixes a sandbox city: a seed, a scale and a day. Everything else follows from these three."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from random import Random

from sandbox.clock import HISTORY_DAYS, day_of, now_on

FEWEST_A_DAY = 4
"""Even the smallest city has so many events a day, so that every planned fault finds its record."""


@dataclass(frozen=True)
class World:
    """One city as its systems stand at 06:30 local time of `day`, or so many minutes later."""

    seed: int
    scale: float
    day: int
    minutes: int = 0

    @cached_property
    def now(self) -> datetime:
        """The instant, in UTC, at which the state is taken."""
        return now_on(self.day) + timedelta(minutes=self.minutes)

    def dice(self, *name: object) -> Random:
        """A source of chance of its own for each name, so that no stream of events disturbs another."""
        return Random("/".join(map(str, (self.seed, *name))))

    def calendar(self, history: int = HISTORY_DAYS) -> range:
        """The day numbers on which something can have happened so far, the oldest first."""
        return range(-history, day_of(self.now) + 1)

    def daily(self, stream: str, rate: float, history: int = HISTORY_DAYS) -> Iterator[tuple[int, Random, int]]:
        """For each day so far: its number, its dice, and how many events it brings at `rate` a day and scale 1."""
        for day in self.calendar(history):
            dice = self.dice(stream, day)
            spread = rate * self.scale * dice.uniform(0.85, 1.15)
            yield day, dice, max(FEWEST_A_DAY, round(spread))
