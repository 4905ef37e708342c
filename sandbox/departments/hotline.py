"""The hotline: requests by telephone, web and app, kept in an Open311 system; the parks line is a second one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random

from sandbox.clock import at, day_of, local_offset, now_on
from sandbox.departments import storm, street_lights
from sandbox.departments.hotline_handling import handled
from sandbox.departments.hotline_services import CITY_SERVICES, PARK_SERVICES, Service
from sandbox.feed import Event, Feed, Record
from sandbox.places import District, Place, any_district, place_in
from sandbox.residents import Resident, residents
from sandbox.world import World

HOUR_WEIGHTS = (1, 1, 1, 1, 1, 2, 4, 7, 10, 11, 11, 10, 9, 9, 9, 8, 8, 7, 6, 5, 4, 3, 2, 1)
CHANNELS, CHANNEL_WEIGHTS = ("phone", "web", "app", "internal"), (46, 26, 22, 6)
OUTCOMES, OUTCOME_WEIGHTS = ("fixed", "not_found", "referred", "no_action"), (78, 9, 8, 5)
PACE = {"Streets": 1.25, "Sanitation": 0.9, "Health": 1.1, "Lighting": 0.8}
WITHDRAWN_ON_DAY_1 = 2
NEW_RELEASE_ON = 3
"""The day from which the city line's software sends a field more: the crew that is to go."""
FIRST_OF_STORM, STORM_SERVICES = 5_000, ("SIG", "WAT", "BLD")
"""Requests of a storm are numbered from here on; these are the services that they ask for."""
FIRST_ABOUT_LIGHTS, LIGHT_OUT = 7_000, next(service for service in CITY_SERVICES if service.code == "LGT")


@dataclass(frozen=True)
class Line:
    """One reporting line: its feed, the beginning of its request numbers, its services and requests a day."""

    feed: str
    prefix: str
    services: tuple[Service, ...]
    rate: float


CITY_LINE = Line("hotline__requests", "26", CITY_SERVICES, 120)
PARK_LINE = Line("hotline__park_requests", "PK26", PARK_SERVICES, 25)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Event):
    """One request from the first call to its end; `known_at` is when it was made."""

    service: Service
    place: Place
    channel: str
    reporter: Resident | None
    text: str
    assigned_at: datetime
    closed_at: datetime | None
    cancelled_at: datetime | None
    outcome: str
    duplicate_of: str | None
    is_answer_told: bool = True
    reopened_at: datetime | None = None
    closed_again_at: datetime | None = None

    @property
    def target_at(self) -> datetime | None:
        """The promised time, None where nothing is promised."""
        days = self.service.target_days
        return None if days is None else self.known_at + timedelta(days=days)

    def status(self, now: datetime) -> str:
        """open, closed or cancelled at an instant."""
        if self.cancelled_at and self.cancelled_at <= now:
            return "cancelled"
        return "closed" if self.closing(now) else "open"

    def closing(self, now: datetime) -> datetime | None:
        """When it was closed, as it stands at an instant; None while it is open, also again."""
        again, reopened = self.closed_again_at, self.reopened_at
        if reopened and reopened <= now:
            return again if again and again <= now else None
        return self.closed_at if self.closed_at and self.closed_at <= now else None

    def changed_at(self, now: datetime) -> datetime:
        """When the request was last touched, seen from an instant."""
        ends = (self.closed_at, self.cancelled_at, self.reopened_at, self.closed_again_at)
        steps = (self.known_at, self.assigned_at, *ends)
        return max(step for step in steps if step and step <= now)


def _words(service: Service, reporter: Resident | None, place: Place, dice: Random) -> str:
    """What was written: one text in ten names the reporter, one in ten leaves a number, one in twenty an e-mail."""
    if reporter is None:
        return f"{service.text} Seen by the crew near {place.street}."
    is_zh, chance = reporter.language == "zh", dice.random()
    text = service.text_zh if is_zh else f"{service.text} Near {place.street}."
    if chance < 0.10:
        return text + (f"我是{reporter.name}。" if is_zh else f" My name is {reporter.name}.")
    if chance < 0.20:
        return text + (f"请打{reporter.phone}。" if is_zh else f" Please call me at {reporter.phone_in_text}.")
    if chance < 0.25:
        return text + (f"邮箱 {reporter.email}" if is_zh else f" Write to {reporter.email} with any news.")
    return text


def _closing(service: Service, channel: str, made_at: datetime, dice: Random) -> datetime | None:
    """When the work ends: log-normal around the promise, minutes for internal jobs, never for one in sixteen."""
    chance, stretch = dice.random(), dice.lognormvariate(-0.45, 0.75)
    if chance < 1 / 16:
        return None
    days = 0.01 if channel == "internal" else (service.target_days or 1) * PACE.get(service.agency, 1.0)
    return made_at + timedelta(seconds=max(120, int(days * stretch * 86_400)))


def _request(
    world: World, line: Line, key: str, made_at: datetime, dice: Random, district: District | None = None
) -> Request:
    services = [s for s in line.services if s.code in STORM_SERVICES] if district else line.services
    service = dice.choices(services, [s.weight for s in services])[0]
    channel = dice.choices(CHANNELS, CHANNEL_WEIGHTS)[0]
    reporter = None if channel == "internal" or dice.random() < 0.15 else dice.choice(residents(world))
    is_at_home = reporter is not None and dice.random() < 0.3
    at_home = reporter.home if reporter and is_at_home and not district else None
    place = at_home or place_in(district or any_district(dice), dice)
    closed_at = _closing(service, channel, made_at, dice)
    is_dropped = closed_at is not None and dice.random() < 0.02
    assigned_at = made_at + timedelta(seconds=dice.randrange(300, 6 * 3600))
    return Request(
        key=key,
        known_at=made_at,
        service=service,
        place=place,
        channel=channel,
        reporter=reporter,
        text=_words(service, reporter, place, dice),
        assigned_at=min(assigned_at, closed_at or assigned_at),
        closed_at=None if is_dropped else closed_at,
        cancelled_at=closed_at if is_dropped else None,
        outcome=dice.choices(OUTCOMES, OUTCOME_WEIGHTS)[0],
        duplicate_of=None,
    )


def _marked_duplicate(request: Request, earlier: Sequence[Request], dice: Random) -> Request:
    """About one request in seven repeats an earlier one of the same day and service; it is closed within two hours."""
    twin = next((r for r in reversed(earlier) if r.service is request.service and not r.duplicate_of), None)
    if twin is None or request.channel == "internal" or dice.random() > 1 / 6:
        return request
    end = request.known_at + timedelta(minutes=dice.randrange(10, 120))
    return replace(
        request, duplicate_of=twin.key, closed_at=end, cancelled_at=None, assigned_at=min(request.assigned_at, end)
    )


def _requests_of_day(world: World, line: Line, day: int, dice: Random, count: int) -> Iterator[Request]:
    hours = dice.choices(range(24), HOUR_WEIGHTS, k=count)
    moments = sorted(at(day, hour * 3600 + dice.randrange(3600)) for hour in hours)
    earlier: list[Request] = []
    for number, made_at in enumerate(moments):
        key = f"{line.prefix}-{300 + day:03d}{number:04d}"
        request = _marked_duplicate(_request(world, line, key, made_at, dice), earlier, dice)
        earlier.append(request)
        yield request


def _requests_of_storms(world: World, line: Line) -> Iterator[Request]:
    """What the struck districts ask of the city line; nobody looks for duplicates meanwhile."""
    for one in storm.storms(world):
        dice = world.dice("storm", "words", one.day)
        asked = sorted(one.moments(world, line.feed, storm.REQUESTS_AN_HOUR), key=lambda asked: asked[1])
        for number, (district, made_at) in enumerate(asked, FIRST_OF_STORM):
            yield _request(world, line, f"{line.prefix}-{300 + one.day:03d}{number:04d}", made_at, dice, district)


def _requests_about_lights(world: World) -> Iterator[Request]:
    """What residents say of the street lights that are known to be dark."""
    for number, (post, made_at) in enumerate(street_lights.complaints(world), FIRST_ABOUT_LIGHTS):
        dice = world.dice("lights", "words", number)
        key = f"{CITY_LINE.prefix}-{300 + day_of(made_at):03d}{number:04d}"
        made = _request(world, CITY_LINE, key, made_at, dice)
        words = _words(LIGHT_OUT, made.reporter, post.place, dice)
        yield replace(made, service=LIGHT_OUT, place=post.place, text=words)


def _with_withdrawals(requests: list[Request]) -> list[Request]:
    """Two old requests that stood open on day 0 are taken back by their reporters during the next night."""
    night = now_on(1) - timedelta(hours=3)
    standing = [i for i, r in enumerate(requests) if r.status(now_on(0)) == "open" and r.known_at < at(-1)]
    for i in standing[:WITHDRAWN_ON_DAY_1]:
        touched = min(requests[i].assigned_at, night)
        requests[i] = replace(requests[i], closed_at=None, cancelled_at=night, assigned_at=touched)
    return requests


def requests(world: World, line: Line) -> list[Request]:
    """Every request of a line made so far, the oldest first."""
    days = world.daily(line.feed, line.rate)
    made = [r for day, dice, count in days for r in _requests_of_day(world, line, day, dice, count)]
    if line is CITY_LINE:
        made = [*_with_withdrawals(made), *_requests_of_storms(world, line), *_requests_about_lights(world)]
    return handled(world, line.feed, made)


def _written(moment: datetime | None) -> str | None:
    return local_offset(moment) if moment else None


def _notes(request: Request, status: str) -> str:
    if status == "open":
        return "Waiting for a crew."
    return "Taken back by the reporter." if status == "cancelled" else f"Closed: {request.outcome.replace('_', ' ')}."


def record(request: Request, now: datetime) -> Record:
    """The request as GeoReport v2 writes it; `closed_datetime` and `attributes` are this city's extensions."""
    status, place, reporter = request.status(now), request.place, request.reporter
    is_answered = request.is_answer_told and request.assigned_at <= now
    return {
        "service_request_id": request.key,
        "status": status,
        "status_notes": _notes(request, status),
        "service_name": request.service.name,
        "service_code": request.service.code,
        "description": request.text,
        "agency_responsible": request.service.agency,
        "requested_datetime": local_offset(request.known_at),
        "updated_datetime": local_offset(request.changed_at(now)),
        "expected_datetime": _written(request.target_at),
        "closed_datetime": _written(request.closing(now)) if status == "closed" else None,
        "address": place.address,
        "zipcode": place.postcode,
        "lat": place.latitude,
        "long": place.longitude,
        "media_url": None,
        "attributes": {
            "district": place.district.code,
            "channel": request.channel,
            "reporter_name": reporter.name if reporter else None,
            "reporter_phone": reporter.phone if reporter else None,
            "reporter_email": reporter.email if reporter and request.channel != "phone" else None,
            "duplicate_of": request.duplicate_of,
            "answered": local_offset(request.assigned_at) if is_answered else None,
            "outcome": request.outcome if status == "closed" else None,
        },
    }


def city_record(request: Request, now: datetime) -> Record:
    """A request of the city line; its software knows the crew from its new release on."""
    written = record(request, now)
    crew = f"C{request.place.district.code[1:]}"
    return {**written, "crew": crew} if now >= now_on(NEW_RELEASE_ON) else written


REQUESTS = Feed(CITY_LINE.feed, partial(requests, line=CITY_LINE), city_record, "updated_datetime", local_offset)
PARK_REQUESTS = Feed(PARK_LINE.feed, partial(requests, line=PARK_LINE), record, "updated_datetime", local_offset)
