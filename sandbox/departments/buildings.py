"""Buildings: permits, handed over whole every day through a CKAN datastore in which every value is text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random

from sandbox.clock import HOUR, at, date_of, local_date, local_text, now_on, us_date
from sandbox.feed import Event, Feed, Record
from sandbox.places import Place, any_district, place_in
from sandbox.residents import Resident, residents
from sandbox.world import World

RATE = 12
EARLIER_PERMITS, EARLIER_DAYS = 400, 240
PERMIT_TYPES = ("New construction", "Renovation", "Electrical", "Demolition", "Sign", "Roofing")
PERMIT_WEIGHTS = (10, 34, 22, 4, 12, 18)
NEVER_DAYS = 3650


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit(Event):
    """One permit from application to completion; `known_at` is when it was entered on the day of application."""

    row: int
    permit_type: str
    applied_date: date
    issued_at: datetime
    completed_at: datetime
    withdrawn_at: datetime
    cost_cents: int
    applicant: Resident
    place: Place

    def status(self, now: datetime) -> str:
        """Applied, Issued, Completed or Withdrawn at an instant."""
        if self.withdrawn_at <= now:
            return "Withdrawn"
        if self.completed_at <= now:
            return "Completed"
        return "Issued" if self.issued_at <= now else "Applied"

    def changed_at(self, now: datetime) -> datetime:
        """When the entry was last changed, seen from an instant."""
        steps = (self.known_at, self.issued_at, self.completed_at, self.withdrawn_at)
        return max(step for step in steps if step <= now)


def _office_hours(dice: Random) -> int:
    """Seconds after midnight of a moment between eight and five."""
    return dice.randrange(8 * HOUR, 17 * HOUR)


def _permit(world: World, row: int, day: int, dice: Random) -> Permit:
    wait, work = 1 + int(dice.lognormvariate(2.3, 0.6)), 1 + int(dice.lognormvariate(3.6, 0.7))
    is_withdrawn, never = dice.random() < 0.05, at(day + NEVER_DAYS)
    applicant = dice.choice(residents(world))
    return Permit(
        key=f"BP-{date_of(day).year}-{row:06d}",
        known_at=at(day, _office_hours(dice)),
        row=row,
        permit_type=dice.choices(PERMIT_TYPES, PERMIT_WEIGHTS)[0],
        applied_date=date_of(day),
        issued_at=never if is_withdrawn else at(day + wait, _office_hours(dice)),
        completed_at=never if is_withdrawn else at(day + wait + work, _office_hours(dice)),
        withdrawn_at=at(day + 5, _office_hours(dice)) if is_withdrawn else never,
        cost_cents=int(dice.lognormvariate(9.6, 1.1)) * 100 + dice.choice((0, 0, 0, 50)),
        applicant=applicant,
        place=applicant.home if dice.random() < 0.5 else place_in(any_district(dice), dice),
    )


def _earlier(world: World) -> Iterator[Permit]:
    """Permits from before the history of the other systems: this office never empties its datastore."""
    dice = world.dice("buildings", "earlier")
    first = world.calendar()[0]
    days = sorted(first - dice.randrange(1, EARLIER_DAYS) for _ in range(round(EARLIER_PERMITS * world.scale)))
    for row, day in enumerate(days):
        yield _permit(world, row + 1, day, dice)


def permits(world: World) -> list[Permit]:
    """Every permit applied for so far, in the order of its row number."""
    found = list(_earlier(world))
    for day, dice, count in world.daily("buildings", RATE):
        found.extend(_permit(world, 10_000 + (day + 100) * 1000 + i, day, dice) for i in range(count))
    erased = next(i for i, permit in enumerate(found) if permit.applied_date >= date_of(-30))
    found[erased] = replace(found[erased], gone_at=now_on(1) - timedelta(hours=8))
    return found


def _day_written(moment: datetime, now: datetime) -> str:
    return us_date(local_date(moment)) if moment <= now else ""


def record(permit: Permit, now: datetime) -> Record:
    """One row of the datastore: dates month first, costs with thousands commas, coordinates as text."""
    return {
        "_id": permit.row,
        "permit_number": permit.key,
        "permit_type": permit.permit_type,
        "status": permit.status(now),
        "applied": us_date(permit.applied_date),
        "issued": _day_written(permit.issued_at, now),
        "completed": _day_written(permit.completed_at, now),
        "est_cost": f"{permit.cost_cents / 100:,.2f}",
        "applicant_name": permit.applicant.name,
        "applicant_phone": permit.applicant.phone,
        "site_address": permit.place.address,
        "district": permit.place.district.code,
        "lat": str(permit.place.latitude),
        "lon": str(permit.place.longitude),
        "modified": local_text(permit.changed_at(now)),
    }


PERMITS = Feed("buildings__permits", permits, record, "modified", local_text)
