"""How the hotline deals with requests: late answers, closings without work, dates without a time, matters opened again.

All of it is thrown with dice of its own, after the requests are made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from sandbox.clock import at, day_of, now_on
from sandbox.world import World

if TYPE_CHECKING:
    from sandbox.departments.hotline import Request

REOPENED_A_DAY = 2
CLOSED_DAYS_AGO = range(2, 11)
"""Only what the morning before showed as closed is opened again, so that whoever looks every morning sees it."""
OLD_DAYS = 14


def is_plain(request: Request) -> bool:
    """Whether a resident waits for it: nobody's copy, not the city's own, not taken back."""
    return request.channel != "internal" and request.duplicate_of is None and request.cancelled_at is None


def handled(world: World, feed: str, requests: Iterable[Request]) -> list[Request]:
    """Return the requests with what was done about them: answered late or silently, closed at once or by date only."""
    dice: dict[int, Random] = {}
    done = []
    for request in requests:
        day = day_of(request.known_at)
        if day not in dice:
            dice[day] = world.dice("hotline__handling", feed, day)
        done.append(_handled(request, dice[day]))
    return _opened_again(world, feed, done)


def _handled(request: Request, dice: Random) -> Request:
    is_told, is_late, is_instant, is_dated = (dice.random() < share for share in (19 / 20, 1 / 14, 1 / 25, 1 / 30))
    late, at_once = timedelta(hours=dice.uniform(26, 70)), timedelta(seconds=dice.randrange(60, 540))
    if not is_plain(request):
        return request
    answered = request.known_at + late if is_late else request.assigned_at
    closed = request.closed_at
    if closed and is_instant:
        closed = request.known_at + at_once
    elif closed and is_dated and day_of(closed) > day_of(request.known_at):
        closed = at(day_of(closed))
    return replace(
        request, closed_at=closed, assigned_at=min(answered, closed or answered), is_answer_told=is_told
    )


def _opened_again(world: World, feed: str, requests: list[Request]) -> list[Request]:
    closed_on: dict[int, list[int]] = defaultdict(list)
    for i, request in enumerate(requests):
        if request.closed_at and is_plain(request):
            closed_on[day_of(request.closed_at)].append(i)
    for day in range(1, world.day + 1):
        dice = world.dice("hotline__reopenings", feed, day)
        closed = [i for ago in CLOSED_DAYS_AGO for i in closed_on[day - ago]]
        fit = [i for i in closed if requests[i].known_at <= at(day - OLD_DAYS) and not requests[i].reopened_at]
        for i in dice.sample(fit, min(REOPENED_A_DAY, len(fit))):
            requests[i] = _again(requests[i], day, dice)
    return requests


def _again(request: Request, day: int, dice: Random) -> Request:
    reopened = now_on(day) - timedelta(seconds=dice.randrange(3600, 20 * 3600))
    ended = reopened + timedelta(seconds=dice.randrange(36 * 3600, 144 * 3600))
    return replace(request, reopened_at=reopened, closed_again_at=ended if dice.random() < 0.75 else None)
