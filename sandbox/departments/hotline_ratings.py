"""What residents answer when the hotline asks them how it went: the month and five steps, no day and no name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sandbox.clock import day_of, local_date
from sandbox.departments.hotline import CITY_LINE, PARK_LINE, Line, Request, requests
from sandbox.departments.hotline_handling import is_plain
from sandbox.feed import Event, Feed, Record
from sandbox.world import World

ANSWER_SHARE, KEPT_SHARE = 0.12, 0.6
"""How many closed requests are rated, and in how many answers the number of the request is kept."""
CONTENT, DISCONTENT = (3, 6, 14, 37, 40), (28, 30, 22, 14, 6)
REASONS = {1: ("slow", "not_fixed", "no_answer", "rude"), 2: ("slow", "not_fixed", "other"), 5: ("good_work",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating(Event):
    """One answer to the survey; `month` is the first day of that in which the request was closed."""

    request: str | None
    service_code: str
    month: date
    satisfaction: int
    reason: str | None


def _ratings_of_line(world: World, line: Line) -> Iterator[Rating]:
    day, dice = None, world.dice("hotline__ratings", line.feed)
    for request in requests(world, line):
        if day_of(request.known_at) != day:
            day = day_of(request.known_at)
            dice = world.dice("hotline__ratings", line.feed, day, request.key)
        is_answered = dice.random() < ANSWER_SHARE
        if is_answered and request.closed_at and is_plain(request):
            yield _rating(request, request.closed_at, dice.getrandbits(64))


def _rating(request: Request, closed_at: datetime, seed: int) -> Rating:
    dice = World(seed, 1, 0).dice("hotline__rating")
    is_content = request.outcome == "fixed" and not (request.target_at and closed_at > request.target_at)
    satisfaction = dice.choices(range(1, 6), CONTENT if is_content else DISCONTENT)[0]
    reasons = REASONS.get(satisfaction)
    return Rating(
        key=f"S{seed:020d}",
        known_at=closed_at + timedelta(seconds=dice.randrange(2 * 3600, 40 * 3600)),
        request=request.key if dice.random() < KEPT_SHARE else None,
        service_code=request.service.code,
        month=local_date(closed_at).replace(day=1),
        satisfaction=satisfaction,
        reason=dice.choice(reasons) if reasons else None,
    )


def ratings(world: World) -> list[Rating]:
    """Every answer to the survey that will be given to the requests made so far."""
    return [rating for line in (CITY_LINE, PARK_LINE) for rating in _ratings_of_line(world, line)]


def record(rating: Rating, now: datetime) -> Record:
    """The answer as the hotline's extension of GeoReport lists it."""
    return {
        "rating_id": rating.key,
        "service_request_id": rating.request,
        "service_code": rating.service_code,
        "month": rating.month.isoformat(),
        "satisfaction": rating.satisfaction,
        "reason": rating.reason,
    }


RATINGS = Feed("hotline__ratings", ratings, record)
