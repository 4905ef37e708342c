"""Fire and rescue: emergency calls, one row for each unit sent, in an ArcGIS feature service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sandbox.clock import at, epoch_milliseconds
from sandbox.feed import Event, Feed, Record
from sandbox.places import Place, any_district, place_in
from sandbox.residents import residents
from sandbox.world import World

RATE = 30
CALL_TYPES, CALL_WEIGHTS = ("Medical", "Fire", "Alarm", "Rescue"), (58, 12, 22, 8)
UNITS = {"Medical": ("M", "E", "A"), "Fire": ("E", "T", "B"), "Alarm": ("E", "T", "B"), "Rescue": ("R", "E", "M")}
OBJECTS_A_DAY = 10_000
FIRST_DAY_OF_OBJECTS = -100


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


def _units_of_call(world: World, day: int, ordinal: int, received_at: datetime, dice: Random) -> Iterator[UnitCall]:
    call_type = dice.choices(CALL_TYPES, CALL_WEIGHTS)[0]
    place = place_in(any_district(dice), dice)
    priority, phone = dice.choices((1, 2, 3), (45, 35, 20))[0], dice.choice(residents(world)).phone
    incident = f"F26-{300 + day:03d}{ordinal:03d}"
    for position in range(dice.choices((1, 2, 3), (40, 40, 20))[0]):
        dispatched = received_at + timedelta(seconds=dice.randrange(25, 110))
        en_route = dispatched + timedelta(seconds=dice.randrange(40, 120))
        travel = timedelta(seconds=dice.randrange(110, 420) + 60 * priority + 30 * place.district.row)
        is_turned_back = position > 0 and dice.random() < 0.12
        arrival = None if is_turned_back else en_route + travel
        unit = f"{UNITS[call_type][position]}{int(place.district.code[1:]) + 20 * position:02d}"
        yield UnitCall(
            key=f"{incident}/{unit}",
            known_at=received_at,
            incident=incident,
            unit=unit,
            object_id=(day - FIRST_DAY_OF_OBJECTS) * OBJECTS_A_DAY + ordinal * 3 + position + 1,
            call_type=call_type,
            priority=priority,
            place=place,
            caller_phone=phone,
            dispatched_at=dispatched,
            en_route_at=en_route,
            on_scene_at=arrival,
            cleared_at=(arrival or en_route) + timedelta(seconds=dice.randrange(300, 5400)),
        )


def calls(world: World) -> list[UnitCall]:
    """Every unit sent so far, the oldest call first."""
    return [
        unit
        for day, dice, count in world.daily("fire", RATE)
        for ordinal, received_at in enumerate(sorted(at(day, dice.randrange(86_400)) for _ in range(count)))
        for unit in _units_of_call(world, day, ordinal, received_at, dice)
    ]


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
