from __future__ import annotations

import json
from datetime import datetime
from itertools import pairwise

import pytest

from sandbox.city import FEEDS, City
from sandbox.clock import at, floating, now_on
from sandbox.departments import fire, hotline, lighting, police
from sandbox.feed import known_events
from sandbox.world import World

SCALE = 0.2
STAMPED = [feed for feed in FEEDS.values() if feed.stamp and feed.window is None]


def written(seed: int, day: int) -> dict[str, str]:
    feeds = City(World(seed, SCALE, day)).feeds
    return {feed: json.dumps(records, ensure_ascii=False) for feed, records in feeds.items()}


def test_the_same_seed_and_day_give_the_same_bytes() -> None:
    assert written(7, 1) == written(7, 1)


def test_another_seed_gives_other_people_and_events_in_every_feed_of_events() -> None:
    fixed = {"statistics__areas", "statistics__population"}
    one, other = written(7, 0), written(8, 0)
    assert {feed for feed in one if one[feed] == other[feed]} == fixed


@pytest.mark.parametrize("feed", STAMPED, ids=lambda feed: feed.id)
def test_a_record_that_changes_from_one_day_to_the_next_carries_a_newer_stamp(feed) -> None:
    today, tomorrow = (
        {json.dumps(record, sort_keys=True) for record in City(World(7, SCALE, day)).records(feed.id)} for day in (0, 1)
    )
    latest = feed.write_stamp(now_on(0))
    new = [json.loads(text)[feed.stamp] for text in tomorrow - today]
    assert new or feed.id == "finance__budget_lines"
    assert all(stamp > latest for stamp in new)


@pytest.mark.parametrize("day", [0, 1, 6])
@pytest.mark.parametrize("feed", STAMPED, ids=lambda feed: feed.id)
def test_no_stamp_lies_after_the_state_it_belongs_to(feed, day) -> None:
    latest = feed.write_stamp(now_on(day))
    assert all(record[feed.stamp] <= latest for record in City(World(7, SCALE, day)).records(feed.id))


def test_the_state_is_taken_at_half_past_six_on_both_sides_of_the_end_of_summer_time() -> None:
    assert now_on(0).isoformat() == "2026-10-26T11:30:00+00:00"
    assert now_on(6).isoformat() == "2026-11-01T12:30:00+00:00"


def test_the_day_on_which_summer_time_ends_has_25_readings_of_each_datastream() -> None:
    readings = lighting.observations(World(7, SCALE, 7))
    first = readings[0].datastream["@iot.id"]
    same = [r for r in readings if r.datastream["@iot.id"] == first and at(6) <= r.measured_at < at(7)]
    assert len(same) == 25


def test_history_reaches_back_sixty_days_and_readings_seven() -> None:
    world = World(7, SCALE, 0)
    assert at(-60) <= police.incidents(world)[0].occurred_at < at(-59)
    assert at(-60) <= fire.calls(world)[0].known_at < at(-59)
    assert lighting.observations(world)[0].measured_at == at(-7)


def test_at_scale_one_the_city_is_as_busy_as_announced() -> None:
    world = World(7, 1, 0)
    a_day = {
        "requests": len(hotline.requests(world, hotline.CITY_LINE)) / 61,
        "parks": len(hotline.requests(world, hotline.PARK_LINE)) / 61,
        "incidents": len(police.incidents(world)) / 61,
    }
    assert a_day == pytest.approx({"requests": 120, "parks": 25, "incidents": 45}, rel=0.05)
    assert len(lighting.lamp_posts(world)) == 480


def test_two_requests_are_taken_back_a_permit_and_a_lamp_post_vanish_on_day_1() -> None:
    before, after = (City(World(7, SCALE, day)) for day in (0, 1))
    status = {r["service_request_id"]: r["status"] for r in before.records("hotline__requests")}
    taken_back = [
        record
        for record in after.records("hotline__requests")
        if record["status"] == "cancelled" and status.get(record["service_request_id"]) == "open"
    ]
    assert len(taken_back) >= hotline.WITHDRAWN_ON_DAY_1
    for feed, key in (("buildings__permits", "permit_number"), ("lighting__lamp_posts", "@iot.id")):
        gone = {r[key] for r in before.records(feed)} - {r[key] for r in after.records(feed)}
        assert len(gone) == 1


@pytest.mark.parametrize("feed", ["hotline__requests", "hotline__park_requests"])
def test_two_requests_of_each_line_are_opened_again_every_day(feed: str) -> None:
    """Whoever looks every morning sees them closed, open again, and most of them closed once more."""
    mornings = []
    for day in range(9):
        world = World(7, SCALE, day)
        mornings.append({event.key: event.status(world.now) for event in known_events(FEEDS[feed], world)})
    reopened = []
    for before, after in pairwise(mornings):
        keys = [key for key, status in before.items() if status == "closed" and after[key] == "open"]
        assert len(keys) == 2
        reopened += keys
    assert len(set(reopened)) == len(reopened)
    assert 0 < sum(mornings[-1][key] == "closed" for key in reopened) < len(reopened)


def test_ratings_tell_a_month_and_of_some_requests_which() -> None:
    ratings = City(World(7, 1, 0)).records("hotline__ratings")
    assert len({rating["rating_id"] for rating in ratings}) == len(ratings) > 500
    assert {rating["month"][-3:] for rating in ratings} == {"-01"}
    named = [rating for rating in ratings if rating["service_request_id"]]
    assert 0.5 < len(named) / len(ratings) < 0.7
    assert {rating["satisfaction"] for rating in ratings} == {1, 2, 3, 4, 5}


def test_day_1_brings_police_incidents_that_happened_five_days_earlier() -> None:
    records = City(World(7, SCALE, 1)).records("police__incidents")
    late = [r for r in records if r["updated_on"] > floating(now_on(0)) and r["date"] < floating(at(-3))]
    reported_first = {r["id"] for r in City(World(7, SCALE, 0)).records("police__incidents")}
    assert sum(r["id"] not in reported_first for r in late) == police.LATE_COUNT


def test_forum_posts_are_edited_on_day_1_and_keep_their_key() -> None:
    before = {r["id"]: r for r in City(World(7, SCALE, 0)).records("voice__forum")}
    after = {r["id"]: r for r in City(World(7, SCALE, 1)).records("voice__forum")}
    edited = [key for key in before.keys() & after.keys() if before[key]["updated"] < after[key]["updated"]]
    assert edited
    assert all(datetime.fromisoformat(after[key]["updated"]) > now_on(0) for key in edited)


def test_one_base_station_falls_silent_and_one_repeats_itself() -> None:
    readings = City(World(7, SCALE, 2)).records("lighting__observations")

    def of(station: int) -> list[dict]:
        return [r for r in readings if r["Datastream"]["Thing"]["@iot.id"] == station]

    assert max(r["phenomenonTime"] for r in of(lighting.SILENT_STATION)) < "2026-10-26T12"
    flat = [r for r in of(lighting.FLAT_STATION) if r["phenomenonTime"] > "2026-10-25T06"]
    for number in (1, 2, 3):
        results = {r["result"] for r in flat if r["Datastream"]["@iot.id"] % 10 == number and r["result"] != "ERR"}
        assert len(results) == 1
