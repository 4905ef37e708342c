"""The sandbox's lamps are lit by night, dark where an outage is planted, and complained of where that is planted."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from sandbox.clock import date_of
from sandbox.dark_nights import nights
from sandbox.departments import hotline, storm
from sandbox.departments.street_lights import STANDBY_WATTS, metered_posts, outages, readings, sun
from sandbox.world import World

CHICAGO = ZoneInfo("America/Chicago")
WORLD = World(7, 1.0, 6)


@pytest.mark.parametrize(("day", "rises", "sets"), [(56, "07:15", "16:23"), (-127, "05:16", "20:29")])
def test_the_sun_rises_and_sets_when_the_almanac_of_chicago_says(day: int, rises: str, sets: str) -> None:
    for told, published in zip(sun(day, 41.85, -87.65), (rises, sets), strict=True):
        expected = datetime.fromisoformat(f"{date_of(day)}T{published}").replace(tzinfo=CHICAGO)
        assert abs((told - expected).total_seconds()) <= 120


def test_a_lamp_is_lit_at_midnight_and_dark_at_noon_but_in_an_outage() -> None:
    planted = outages(WORLD)
    for reading in readings(WORLD):
        hour = reading.measured_at.astimezone(CHICAGO).hour
        post = reading.datastream["Thing"]["@iot.id"]
        is_out = any(one.post == post and one.covers(reading.measured_at) for one in planted)
        if hour in (0, 12):
            assert (reading.result > STANDBY_WATTS) == (hour == 0 and not is_out)


def test_no_metered_post_is_a_base_station() -> None:
    posts = metered_posts(WORLD)
    assert posts and not any(post.is_station for post in posts)


def test_the_storm_makes_the_lamps_of_its_districts_dark_and_no_others() -> None:
    coming = storm.COMING
    dark = {row["lamp_post_id"] for row in nights(WORLD) if row["night"] == date_of(coming.day).isoformat()}
    assert dark == {str(post.number) for post in metered_posts(WORLD) if post.place.district in coming.districts}


def test_each_complaint_that_was_made_is_a_request_at_its_lamp_post() -> None:
    posts = {post.number: post.place for post in metered_posts(WORLD)}
    requests = hotline.requests(WORLD, hotline.CITY_LINE)
    asked = {(one.place, one.known_at) for one in requests if one.service is hotline.LIGHT_OUT}
    made = {(posts[one.post], one.complained_at) for one in outages(WORLD) if one.complained_at}
    assert len(made) == 4
    assert made <= asked
