"""Street lighting: lamp posts, every tenth of them a base station with three sensors, in a SensorThings service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import pi, sin
from random import Random

from sandbox.clock import HOUR, at, date_of, now_on, utc_text
from sandbox.feed import Event, Feed, Record
from sandbox.places import DISTRICTS, Place, place_in
from sandbox.world import World

POSTS, FEWEST_POSTS, POSTS_A_STATION = 480, 60, 10
OBSERVED_DAYS = 7
SILENT_STATION, SILENT_FROM_DAY = 30, 0
FLAT_STATION, FLAT_FROM_DAY = 40, -1
REMOVED_POST = 33
"""Post 30 stops sending after day 0, post 40 repeats one value from day -1 on, post 33 is taken down before day 1."""


@dataclass(frozen=True)
class Property:
    """What a sensor measures: code, name, unit, number of its datastream within a station, and its usual course."""

    code: str
    name: str
    unit: str
    number: int
    usual: float
    swing: float
    noise: float


PROPERTIES = (
    Property("illuminance", "Illuminance", "lx", 1, 9_000, 8_900, 60),
    Property("pm2_5", "Particles PM2.5", "ug/m3", 2, 13, 4, 2.5),
    Property("sound", "Sound level", "dBA", 3, 54, 9, 2.5),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LampPost(Event):
    """One lamp post on its spot."""

    number: int
    place: Place
    height: float
    kind: str
    installed: date

    @property
    def is_station(self) -> bool:
        """Whether sensors hang on it."""
        return self.number % POSTS_A_STATION == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation(Event):
    """One measured value; `known_at` is when the service received it."""

    number: int
    measured_at: datetime
    result: float
    observed: Property
    datastream: Record


def lamp_posts(world: World) -> list[LampPost]:
    """Every lamp post ever shown, in the order of its number."""
    dice = world.dice("lighting", "posts")
    return [_post(number + 1, dice) for number in range(max(FEWEST_POSTS, round(POSTS * world.scale)))]


def _post(number: int, dice: Random) -> LampPost:
    return LampPost(
        key=str(number),
        known_at=at(-365),
        gone_at=now_on(1) - timedelta(hours=10) if number == REMOVED_POST else None,
        number=number,
        place=place_in(DISTRICTS[number % len(DISTRICTS)], dice),
        height=dice.choice((6.0, 8.0, 10.0, 12.0)),
        kind=dice.choices(("led", "sodium", "halide"), (6, 3, 1))[0],
        installed=date_of(-dice.randrange(400, 9000)),
    )


def _datastream(station: int, observed: Property) -> Record:
    return {
        "@iot.id": station * 10 + observed.number,
        "name": f"{observed.name} at post {station}",
        "unitOfMeasurement": {"name": observed.name, "symbol": observed.unit},
        "properties": {"property_code": observed.code},
        "Thing": {"@iot.id": station},
    }


def _value(observed: Property, hour: float, dice: Random) -> float:
    """A daily course with its peak in the early afternoon, never below zero."""
    course = observed.usual + observed.swing * sin((hour - 8) / 24 * 2 * pi)
    return round(max(0.0, course + dice.gauss(0, observed.noise)), 1)


def _flat(station: int, day: int) -> bool:
    return station == FLAT_STATION and day >= FLAT_FROM_DAY


def _readings(world: World, station: int, observed: Property, datastream: Record, day: int) -> Iterator[Observation]:
    dice = world.dice("observations", station, observed.code, day)
    start, hours = at(day), int((at(day + 1) - at(day)).total_seconds()) // HOUR
    lag = timedelta(seconds=dice.randrange(20, 90))
    for hour in range(hours):
        measured_at = start + timedelta(hours=hour)
        if station == SILENT_STATION and measured_at > now_on(SILENT_FROM_DAY):
            return
        number = (datastream["@iot.id"] * 1000 + day + 100) * 100 + hour
        result = observed.usual if _flat(station, day) else _value(observed, hour, dice)
        yield Observation(
            key=str(number),
            known_at=measured_at + lag,
            number=number,
            measured_at=measured_at,
            result=result,
            observed=observed,
            datastream=datastream,
        )


def observations(world: World) -> list[Observation]:
    """Every value measured so far, the earliest first."""
    stations = [post.number for post in lamp_posts(world) if post.is_station]
    found = [
        reading
        for station in stations
        for observed in PROPERTIES
        for datastream in (_datastream(station, observed),)
        for day in world.calendar(OBSERVED_DAYS)
        for reading in _readings(world, station, observed, datastream, day)
    ]
    return sorted(found, key=lambda reading: (reading.measured_at, reading.number))


def post_record(post: LampPost, _now: datetime) -> Record:
    """A Thing with its Locations, as `$expand=Locations` gives it."""
    point = {"type": "Point", "coordinates": [post.place.longitude, post.place.latitude]}
    return {
        "@iot.id": post.number,
        "name": f"Lamp post {post.number:04d}",
        "description": f"Street light in {post.place.district.name}",
        "properties": {
            "district": post.place.district.code,
            "height_m": post.height,
            "lamp_kind": post.kind,
            "installed": post.installed.isoformat(),
            "is_base_station": post.is_station,
        },
        "Locations": [
            {
                "@iot.id": post.number,
                "name": post.place.street,
                "encodingType": "application/geo+json",
                "location": point,
            }
        ],
    }


def observation_record(reading: Observation, _now: datetime) -> Record:
    """An Observation with its Datastream and Thing, as a nested `$expand` gives it."""
    return {
        "@iot.id": reading.number,
        "phenomenonTime": utc_text(reading.measured_at),
        "resultTime": utc_text(reading.known_at),
        "result": reading.result,
        "resultQuality": "good",
        "Datastream": reading.datastream,
    }


LAMP_POSTS = Feed("lighting__lamp_posts", lamp_posts, post_record)
OBSERVATIONS = Feed("lighting__observations", observations, observation_record, "resultTime", utc_text)
