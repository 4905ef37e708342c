"""Lamps that measure their power: lit from dusk to dawn, but for the outages planted here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import acos, asin, cos, degrees, radians, sin

from sandbox.clock import FIRST_DATE, HOUR, at, utc_text
from sandbox.departments import storm
from sandbox.departments.lighting import (
    OBSERVED_DAYS,
    POSTS_A_STATION,
    LampPost,
    Observation,
    Property,
    lamp_posts,
    observation_record,
)
from sandbox.feed import Feed, Record
from sandbox.world import World

METERED_FROM, METERED_EVERY = 4, 13
"""Posts 4, 17, 30 and so on measure their power, but none that is a base station."""

POWER = Property("power", "Power", "W", 9, 0, 0, 0)
WATTS = {"led": 45, "sodium": 110, "halide": 150}
STANDBY_WATTS = 0.4
AFTER_DUSK = timedelta(minutes=6)
"""So long after sunset a lamp goes on, and before sunrise off."""


@dataclass(frozen=True)
class Outage:
    """A lamp that is dark, or tells nothing, for a time; `complained_at` is when a resident calls the hotline."""

    post: int
    start: datetime
    end: datetime
    complained_at: datetime | None = None
    is_mute: bool = False

    def covers(self, moment: datetime) -> bool:
        """Whether the lamp is out at an instant."""
        return self.start <= moment < self.end


PLANTED = (
    # a resident calls before the reading of nine o'clock tells it
    Outage(4, at(-6, 20.5 * HOUR), at(-4, 12 * HOUR), at(-6, 20.75 * HOUR)),
    # the reading of eleven tells it, a resident calls in the morning
    Outage(17, at(-5, 22.2 * HOUR), at(-3, 12 * HOUR), at(-4, 8.3 * HOUR)),
    # nobody calls
    Outage(43, at(-2, 1.2 * HOUR), at(-2, 12 * HOUR)),
    # the meter is dead as well: only the resident tells it
    Outage(56, at(-4, 17 * HOUR), at(-3, 12 * HOUR), at(-4, 20.2 * HOUR), is_mute=True),
)


def metered_posts(world: World) -> list[LampPost]:
    """The posts that measure their power."""
    return [
        post
        for post in lamp_posts(world)
        if post.number % METERED_EVERY == METERED_FROM and post.number % POSTS_A_STATION
    ]


def outages(world: World) -> list[Outage]:
    """Every outage planted; in the storm to come the lamps of the struck districts are dark from its third hour on."""
    coming = storm.COMING
    struck = [post.number for post in metered_posts(world) if post.place.district in coming.districts]
    start, end = coming.start + timedelta(hours=2), at(coming.day + 1, 10 * HOUR)
    # of the first of them a resident calls in the evening, when the readings have told it
    calls = [at(coming.day, 21.4 * HOUR), *[None] * len(struck)]
    stricken = [Outage(number, start, end, call) for number, call in zip(struck, calls, strict=False)]
    numbers = {post.number for post in metered_posts(world)}
    return [*(one for one in PLANTED if one.post in numbers), *stricken]


def complaints(world: World) -> Iterator[tuple[LampPost, datetime]]:
    """The posts that residents have called the hotline about so far, and when."""
    posts = {post.number: post for post in lamp_posts(world)}
    for outage in outages(world):
        if outage.complained_at and outage.complained_at <= world.now:
            yield posts[outage.post], outage.complained_at


def sun(day: int, latitude: float, longitude: float) -> tuple[datetime, datetime]:
    """Sunrise and sunset of a day by the sunrise equation (P. Schlyter; J. Meeus, Astronomical Algorithms, 1991)."""
    noon = (FIRST_DATE.toordinal() + day - 730_120) - longitude / 360
    anomaly = radians((357.5291 + 0.98560028 * noon) % 360)
    centre = 1.9148 * sin(anomaly) + 0.02 * sin(2 * anomaly) + 0.0003 * sin(3 * anomaly)
    ecliptic = radians((degrees(anomaly) + centre + 180 + 102.9372) % 360)
    transit = noon + 0.0053 * sin(anomaly) - 0.0069 * sin(2 * ecliptic)
    declination = asin(sin(ecliptic) * sin(radians(23.4397)))
    height = sin(radians(-0.833)) - sin(radians(latitude)) * sin(declination)
    half_day = degrees(acos(height / (cos(radians(latitude)) * cos(declination)))) / 360
    return _instant(transit - half_day), _instant(transit + half_day)


def _instant(days: float) -> datetime:
    """The instant so many days after noon UTC of 1 January 2000."""
    return datetime.fromisoformat("2000-01-01T12:00:00+00:00") + timedelta(days=days)


def is_night(moment: datetime, day: int, post: LampPost) -> bool:
    """Whether a lamp should be lit at an instant of a day."""
    rises, falls = sun(day, post.place.latitude, post.place.longitude)
    return not rises - AFTER_DUSK < moment < falls + AFTER_DUSK


def readings(world: World) -> list[Observation]:
    """The power of every metered lamp, hour by hour, the earliest first."""
    planted = outages(world)
    found = [
        reading
        for post in metered_posts(world)
        for day in world.calendar(OBSERVED_DAYS)
        for reading in _readings_of(world, post, day, [one for one in planted if one.post == post.number])
    ]
    return sorted(found, key=lambda reading: (reading.measured_at, reading.number))


def _readings_of(world: World, post: LampPost, day: int, planted: list[Outage]) -> Iterator[Observation]:
    dice = world.dice("power", post.number, day)
    start, hours = at(day), int((at(day + 1) - at(day)).total_seconds()) // HOUR
    lag, datastream = timedelta(seconds=dice.randrange(20, 90)), _datastream(post.number)
    for hour in range(hours):
        measured_at, noise = start + timedelta(hours=hour), dice.uniform(0.98, 1.02)
        outage = next((one for one in planted if one.covers(measured_at)), None)
        if outage and outage.is_mute:
            continue
        is_lit = outage is None and is_night(measured_at, day, post)
        number = (datastream["@iot.id"] * 1000 + day + 100) * 100 + hour
        yield Observation(
            key=str(number),
            known_at=measured_at + lag,
            number=number,
            measured_at=measured_at,
            result=round(WATTS[post.kind] * noise, 1) if is_lit else STANDBY_WATTS,
            observed=POWER,
            datastream=datastream,
        )


def _datastream(post: int) -> Record:
    return {
        "@iot.id": post * 10 + POWER.number,
        "name": f"{POWER.name} at post {post}",
        "unitOfMeasurement": {"name": POWER.name, "symbol": POWER.unit},
        "properties": {"property_code": POWER.code},
        "Thing": {"@iot.id": post},
    }


LAMP_POWER = Feed("lighting__lamp_power", readings, observation_record, "resultTime", utc_text)
