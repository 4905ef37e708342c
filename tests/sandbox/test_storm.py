"""Two storms: one in the city's past, one that comes while somebody looks."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from sandbox import SandboxServer, truth
from sandbox.city import City
from sandbox.clock import epoch_milliseconds, now_on
from sandbox.departments import fire, hotline, storm
from sandbox.world import World

SEED, SCALE = 7, 0.2


def shown(world: World) -> list[dict]:
    """The calls that the fire department's system shows, each incident once."""
    return list({call["IncidentNumber"]: call for call in City(world).records("fire__calls")}.values())


@pytest.mark.parametrize("one", storm.STORMS, ids=lambda one: str(one.day))
def test_a_storm_brings_calls_to_its_districts_and_to_no_others(one: storm.Storm) -> None:
    calls = Counter(
        (call["District"], call["CallType"])
        for call in shown(World(SEED, SCALE, one.day + 1))
        if epoch_milliseconds(one.start) <= call["ReceivedDate"] < epoch_milliseconds(one.end)
    )
    struck = {(code, call_type) for code in one.district_codes for call_type in storm.CALL_TYPES}
    assert min(calls[where] for where in struck) >= one.hours * storm.CALLS_AN_HOUR
    assert max(count for where, count in calls.items() if where not in struck) < 3


def test_nobody_knows_of_a_storm_before_it_comes_and_it_grows_while_it_lasts() -> None:
    begins = int((storm.COMING.start - now_on(storm.COMING.day)).total_seconds()) // 60
    counts = [len(shown(World(SEED, SCALE, storm.COMING.day, begins + minutes))) for minutes in (0, 15, 60, 120)]
    assert counts == sorted(set(counts))
    assert counts[0] < len(shown(World(SEED, SCALE, storm.COMING.day))) + 10


def test_calls_wait_for_a_free_unit_in_a_storm() -> None:
    world = World(SEED, SCALE, storm.COMING.day + 1)
    hours = (storm.COMING.start, storm.COMING.end)
    waits = [call.dispatched_at - call.known_at for call in fire.calls(world) if hours[0] <= call.known_at < hours[1]]
    assert max(waits) > timedelta(minutes=10)


def test_the_hotline_is_asked_for_more_in_the_struck_districts() -> None:
    asked = Counter(
        request.place.district.code
        for request in hotline.requests(World(SEED, SCALE, storm.COMING.day + 1), hotline.CITY_LINE)
        if storm.COMING.start <= request.known_at < storm.COMING.end
    )
    assert {code for code, _ in asked.most_common(2)} == set(storm.COMING.district_codes)


def test_no_number_is_given_twice() -> None:
    world = World(SEED, 1, storm.COMING.day + 1)
    for events in (fire.calls(world), hotline.requests(world, hotline.CITY_LINE)):
        assert len({event.key for event in events}) == len(events)
    assert len({call.object_id for call in fire.calls(world)}) == len(fire.calls(world))


def test_the_hot_spots_that_must_be_found_are_told() -> None:
    told = truth(SEED, SCALE, storm.COMING.day + 1)["totals"]["hot_spots"]
    assert len(told) == len(storm.STORMS) * 3 * 2 * len(storm.CALL_TYPES)
    assert min(row["incidents"] for row in told) >= 3 * storm.CALLS_AN_HOUR
    assert sum(row["is_confirmed"] for row in told) == len(told) * 2 // 3
    before = truth(SEED, SCALE, storm.COMING.day)["totals"]["hot_spots"]
    assert before == told[: len(told) // 2]


def test_a_server_goes_on_through_the_day() -> None:
    server = SandboxServer(SEED, SCALE, storm.COMING.day)
    morning = len(server.city.records("fire__calls"))
    server.move(storm.COMING.day, 15 * 60)
    assert len(server.city.records("fire__calls")) > morning + 100
    server.server_close()
