"""Fire and rescue: emergency calls, one row for each unit sent, in an ArcGIS feature service.

In a storm calls wait for a free unit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sandbox.clock import at, epoch_milliseconds
from sandbox.departments import storm
from sandbox.feed import Event, Feed, Record
from sandbox.places import Place, any_district, place_in
from sandbox.residents import residents
from sandbox.world import World

RATE = 30
CALL_TYPES, CALL_WEIGHTS = ("Medical", "Fire", "Alarm", "Rescue"), (58, 12, 22, 8)
UNITS = {"Medical": ("M", "E", "A"), "Fire": ("E", "T", "B"), "Alarm": ("E", "T", "B"), "Rescue": ("R", "E", "M")}
OBJECTS_A_DAY = 10_000
FIRST_DAY_OF_OBJECTS = -100
FIRST_OF_STORM = 2_500
"""Calls of a storm are numbered from here on, so that the other calls of its day keep their numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCall(Event):
    """One unit sent to one emergency; `known_at` is when the call was received.

    A unit that was turned back on its way never arrives.
    """

    incident: str
    unit: str
    object_id: int
    call_type: str
    priority: int
    place: Place
    caller_phone: str
    dispatched_at: datetime
    en_route_at: datetime
    on_scene_at: datetime | None
    cleared_at: datetime

    def changed_at(self, now: datetime) -> datetime:
        """When the row was last written, seen from an instant."""
        steps = (self.known_at, self.dispatched_at, self.en_route_at, self.on_scene_at, self.cleared_at)
        return max(step for step in steps if step and step <= now)


@dataclass(frozen=True)
class _Call:
    """What the dispatcher hears; `waits` is how many seconds pass until a unit is free."""

    day: int
    ordinal: int
    received_at: datetime
    call_type: str
    place: Place
    waits: int = 0


def _units_of_call(world: World, call: _Call, dice: Random) -> Iterator[UnitCall]:
    priority, phone = dice.choices((1, 2, 3), (45, 35, 20))[0], dice.choice(residents(world)).phone
    incident, place = f"F26-{300 + call.day:03d}{call.ordinal:03d}", call.place
    for position in range(dice.choices((1, 2, 3), (40, 40, 20))[0]):
        dispatched = call.received_at + timedelta(seconds=call.waits + dice.randrange(25, 110))
        en_route = dispatched + timedelta(seconds=dice.randrange(40, 120))
        travel = timedelta(seconds=dice.randrange(110, 420) + 60 * priority + 30 * place.district.row)
        is_turned_back = position > 0 and dice.random() < 0.12
        arrival = None if is_turned_back else en_route + travel
        unit = f"{UNITS[call.call_type][position]}{int(place.district.code[1:]) + 20 * position:02d}"
        yield UnitCall(
            key=f"{incident}/{unit}",
            known_at=call.received_at,
            incident=incident,
            unit=unit,
            object_id=(call.day - FIRST_DAY_OF_OBJECTS) * OBJECTS_A_DAY + call.ordinal * 3 + position + 1,
            call_type=call.call_type,
            priority=priority,
            place=place,
            caller_phone=phone,
            dispatched_at=dispatched,
            en_route_at=en_route,
            on_scene_at=arrival,
            cleared_at=(arrival or en_route) + timedelta(seconds=dice.randrange(300, 5400)),
        )


def _usual(world: World) -> Iterator[UnitCall]:
    for day, dice, count in world.daily("fire", RATE):
        for ordinal, received_at in enumerate(sorted(at(day, dice.randrange(86_400)) for _ in range(count))):
            call_type = dice.choices(CALL_TYPES, CALL_WEIGHTS)[0]
            call = _Call(day, ordinal, received_at, call_type, place_in(any_district(dice), dice))
            yield from _units_of_call(world, call, dice)


def _stormy(world: World) -> Iterator[UnitCall]:
    for one in storm.storms(world):
        dice = world.dice("storm", "calls", one.day)
        heard = [
            (received_at, call_type, district)
            for call_type in storm.CALL_TYPES
            for district, received_at in one.moments(world, call_type, storm.CALLS_AN_HOUR)
        ]
        heard.sort(key=lambda call: call[0])
        for ordinal, (received_at, call_type, district) in enumerate(heard, FIRST_OF_STORM):
            waits = dice.randrange(30, 900)
            call = _Call(one.day, ordinal, received_at, call_type, place_in(district, dice), waits)
            yield from _units_of_call(world, call, dice)


def calls(world: World) -> list[UnitCall]:
    """Every unit sent so far, the oldest call of each kind of day first."""
    return [*_usual(world), *_stormy(world)]


def _reached(moment: datetime | None, now: datetime) -> int | None:
    return epoch_milliseconds(moment) if moment and moment <= now else None


def record(call: UnitCall, now: datetime) -> Record:
    """The attributes of one feature; dates are epoch milliseconds, null until they are reached."""
    return {
        "OBJECTID": call.object_id,
        "IncidentNumber": call.incident,
        "UnitID": call.unit,
        "CallType": call.call_type,
        "Priority": call.priority,
        "ReceivedDate": epoch_milliseconds(call.known_at),
        "DispatchDate": _reached(call.dispatched_at, now),
        "EnRouteDate": _reached(call.en_route_at, now),
        "OnSceneDate": _reached(call.on_scene_at, now),
        "ClearedDate": _reached(call.cleared_at, now),
        "District": call.place.district.code,
        "CallerPhone": call.caller_phone,
        "Latitude": call.place.latitude,
        "Longitude": call.place.longitude,
        "EditDate": epoch_milliseconds(call.changed_at(now)),
    }


CALLS = Feed("fire__calls", calls, record, "EditDate", epoch_milliseconds)
