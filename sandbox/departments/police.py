"""Police: reported incidents, published on a Socrata portal hours after they happened, some of them days late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sandbox.clock import at, floating, now_on
from sandbox.feed import Event, Feed, Record
from sandbox.places import Place, any_district, place_in
from sandbox.world import World

RATE = 45
OFFENCES = (
    ("0486", "BATTERY", "DOMESTIC BATTERY SIMPLE", 12), ("0460", "BATTERY", "SIMPLE", 9),
    ("0820", "THEFT", "$500 AND UNDER", 18), ("0810", "THEFT", "OVER $500", 10), ("0860", "THEFT", "RETAIL", 9),
    ("0610", "BURGLARY", "FORCIBLE ENTRY", 7), ("0620", "BURGLARY", "UNLAWFUL ENTRY", 4),
    ("0910", "MOTOR VEHICLE THEFT", "AUTOMOBILE", 9), ("1310", "CRIMINAL DAMAGE", "TO PROPERTY", 12),
    ("031A", "ROBBERY", "ARMED", 3), ("1811", "NARCOTICS", "POSSESS", 5), ("2820", "OTHER", "PHONE THREAT", 6),
)  # fmt: skip
_OFFENCE_WEIGHTS = [weight for *_, weight in OFFENCES]
SPOTS = ("STREET", "RESIDENCE", "APARTMENT", "PARKING LOT", "SMALL RETAIL STORE", "SCHOOL", None)
LATE_FROM, LATE_ON, LATE_COUNT = -4, 1, 3
"""Incidents of the evening of day -4 that a precinct hands in only for day 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident(Event):
    """One incident; `known_at` is its first publication, `revised_at` a later correction of the arrest."""

    number: int
    occurred_at: datetime
    revised_at: datetime
    offence: tuple[str, str, str, int]
    spot: str | None
    place: Place
    is_arrest: bool
    is_domestic: bool
    has_position: bool

    @property
    def category(self) -> str:
        """The main kind of offence."""
        return self.offence[1]


def _incident(day: int, ordinal: int, occurred_at: datetime, published_at: datetime, dice: Random) -> Incident:
    number = 13_000_000 + (day + 100) * 1000 + ordinal
    offence = dice.choices(OFFENCES, _OFFENCE_WEIGHTS)[0]
    is_revised = dice.random() < 0.15
    return Incident(
        key=str(number),
        known_at=published_at,
        number=number,
        occurred_at=occurred_at,
        revised_at=published_at + timedelta(days=dice.uniform(1, 9) if is_revised else 3650),
        offence=offence,
        spot=dice.choice(SPOTS),
        place=place_in(any_district(dice), dice),
        is_arrest=dice.random() < 0.2,
        is_domestic=offence[2].startswith("DOMESTIC"),
        has_position=dice.random() > 0.03,
    )


def incidents(world: World) -> list[Incident]:
    """Every incident that happened so far, the oldest first; not all of them are published yet."""
    found = []
    for day, dice, count in world.daily("police", RATE):
        for ordinal, occurred_at in enumerate(sorted(at(day, dice.randrange(86_400)) for _ in range(count))):
            published_at = occurred_at + timedelta(seconds=dice.randrange(1800, 10 * 3600))
            if day == LATE_FROM and ordinal >= count - LATE_COUNT:
                published_at = now_on(LATE_ON) - timedelta(minutes=90 - ordinal % 60)
            found.append(_incident(day, ordinal, occurred_at, published_at, dice))
    return found


def record(incident: Incident, now: datetime) -> Record:
    """The incident as SODA 2.1 writes it: text for everything but yes and no, and no field at all for null."""
    is_revised = incident.revised_at <= now
    fields = {
        "id": incident.key,
        "case_number": f"JK{incident.number % 1_000_000:06d}",
        "date": floating(incident.occurred_at),
        "block": incident.place.block,
        "iucr": incident.offence[0],
        "primary_type": incident.category,
        "description": incident.offence[2],
        "location_description": incident.spot,
        "arrest": incident.is_arrest or is_revised,
        "domestic": incident.is_domestic,
        "beat": f"{incident.place.district.code[1:]}{incident.number % 4 + 1}1",
        "district": incident.place.district.code,
        "latitude": str(incident.place.latitude) if incident.has_position else None,
        "longitude": str(incident.place.longitude) if incident.has_position else None,
        "updated_on": floating(incident.revised_at if is_revised else incident.known_at),
    }
    return {name: value for name, value in fields.items() if value is not None}


INCIDENTS = Feed("police__incidents", incidents, record, "updated_on", floating)
