"""The true nights of lamps that were out: how long the hourly readings can tell of it, and who told first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import cos, hypot, radians
from typing import Any

from sandbox.clock import HOUR, at, date_of, day_of
from sandbox.departments.hotline import LIGHT_OUT, Request
from sandbox.departments.lighting import LampPost
from sandbox.departments.street_lights import Outage, metered_posts, outages, sun
from sandbox.held import as_of, held_events
from sandbox.world import World

SWITCHING = timedelta(minutes=20)
NEAR_METRES, METRES_A_DEGREE = 150, 111_195
EARLIER, LATER = timedelta(hours=3), timedelta(days=1)


def nights(world: World) -> list[dict[str, Any]]:
    """One row for each lamp and night in which it was out; a dark minute is one that an hourly reading speaks of."""
    posts = {post.number: post for post in metered_posts(world)}
    known_until = as_of("lighting__lamp_power", world.day)
    requests = [event for event in held_events("hotline__requests", world) if event.service is LIGHT_OUT]
    rows = [
        row
        for outage in outages(world)
        if outage.start < known_until
        for row in _nights_of(outage, posts[outage.post], requests, known_until)
    ]
    return sorted(rows, key=lambda row: (row["night"], row["lamp_post_id"]))


def _nights_of(
    outage: Outage, post: LampPost, requests: list[Request], known_until: datetime
) -> Iterator[dict[str, Any]]:
    dark = {
        day: found
        for day in range(day_of(outage.start) - 1, day_of(outage.end) + 1)
        if (found := _dark(outage, post, day, known_until))
    }
    if not dark:
        return
    first = min(reading for found in dark.values() for reading, _ in found)
    asked = [one.known_at for one in requests if _is_near(one, post) and first - EARLIER <= one.known_at]
    asked = [moment for moment in asked if moment < outage.end + LATER]
    # a reading comes some seconds after it is measured: nobody calls in between
    by_resident = bool(asked) and (outage.is_mute or min(asked) < first)
    for day, found in dark.items():
        yield {
            "night": date_of(day).isoformat(),
            "lamp_post_id": str(outage.post),
            "outage_minutes": None if outage.is_mute else round(sum(minutes for _, minutes in found)),
            "first_noticed_by": "resident" if by_resident else "sensor",
        }


def _dark(outage: Outage, post: LampPost, day: int, known_until: datetime) -> list[tuple[datetime, float]]:
    """The hourly readings of a night in which the lamp is out, each with the minutes that it speaks of."""
    start = sun(day, post.place.latitude, post.place.longitude)[1] + SWITCHING
    end = min(sun(day + 1, post.place.latitude, post.place.longitude)[0] - SWITCHING, known_until)
    hours = [at(day, hour * HOUR) for hour in range(48)]
    return [
        (hour, (min(hour + timedelta(hours=1), end) - hour).total_seconds() / 60)
        for hour in hours
        if start <= hour < end and outage.covers(hour)
    ]


def _is_near(request: Request, post: LampPost) -> bool:
    """Whether a request, whose place is known to three decimals, is near a post."""
    north = round(request.place.latitude, 3) - post.place.latitude
    east = (round(request.place.longitude, 3) - post.place.longitude) * cos(radians(post.place.latitude))
    return hypot(north, east) * METRES_A_DEGREE <= NEAR_METRES
