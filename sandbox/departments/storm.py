"""Storms: for some hours calls pour in from a few districts. One lies in the city's past, one is still to come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.clock import HOUR, at
from sandbox.places import DISTRICTS, District
from sandbox.world import World

CALL_TYPES = ("Fire", "Rescue")
"""What the fire department is called for, from every struck district alike."""

CALLS_AN_HOUR = 3
"""Calls of each of these types from each struck district, in every hour of a storm."""

REQUESTS_AN_HOUR = 4
"""Calls to the hotline from each struck district, in every hour of a storm."""


@dataclass(frozen=True)
class Storm:
    """One storm: its day, the local hour at which it begins, how many hours it lasts, and the districts it strikes."""

    day: int
    first_hour: int
    hours: int
    district_codes: tuple[str, ...]

    @property
    def start(self) -> datetime:
        """When it begins."""
        return at(self.day, self.first_hour * HOUR)

    @property
    def end(self) -> datetime:
        """When it is over."""
        return self.start + timedelta(hours=self.hours)

    @property
    def districts(self) -> tuple[District, ...]:
        """The districts that it strikes."""
        return tuple(district for district in DISTRICTS if district.code in self.district_codes)

    def moments(self, world: World, stream: str, an_hour: int) -> Iterator[tuple[District, datetime]]:
        """So many moments in every hour and struck district, each stream's its own; more in a city of larger scale."""
        dice = world.dice("storm", stream, self.day)
        for hour in range(self.hours):
            for district in self.districts:
                for _ in range(max(an_hour, round(an_hour * world.scale))):
                    yield district, self.start + timedelta(seconds=hour * HOUR + dice.randrange(HOUR))


PAST, COMING = Storm(-20, 13, 9, ("D02", "D07")), Storm(5, 13, 9, ("D04", "D09"))
STORMS = (PAST, COMING)


def storms(world: World) -> list[Storm]:
    """The storms of the days that the city has seen so far."""
    return [storm for storm in STORMS if storm.day in world.calendar()]
