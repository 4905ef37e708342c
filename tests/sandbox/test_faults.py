from __future__ import annotations

from collections import Counter

import pytest

from sandbox.city import FEEDS, City
from sandbox.clock import now_on
from sandbox.fault_plan import FAULTS
from sandbox.faults import located
from sandbox.feed import known_events
from sandbox.spoiling import parse_path, replaced
from sandbox.world import World

SCALE = 0.2
EVERY_RULE = {
    "blank", "unreadable", "unknown_code", "unknown_area", "out_of_range", "in_the_future", "closed_before_requested",
    "on_scene_before_received", "issued_before_applied", "ambiguous", "duplicate",
}  # fmt: skip
KEYS = {
    "hotline__requests": "service_request_id",
    "hotline__park_requests": "service_request_id",
    "police__incidents": "id",
    "buildings__permits": "permit_number",
    "finance__payments": "payment_id",
    "finance__budget_lines": "line_id",
    "voice__news": "guid",
    "voice__forum": "id",
}


def faults_of(feed: str, world: World) -> dict:
    return located(FEEDS[feed], world, known_events(FEEDS[feed], world))


def test_every_kind_of_fault_is_planted_on_the_first_day() -> None:
    assert {fault.kind for fault in FAULTS if fault.day == 0} >= EVERY_RULE


@pytest.mark.parametrize("seed", [1, 7])
@pytest.mark.parametrize("scale", [0.05, 1])
def test_no_two_faults_fall_on_the_same_record(seed: int, scale: float) -> None:
    world = World(seed, scale, 6)
    found = {feed: len(faults_of(feed, world)) for feed in FEEDS}
    assert {feed: count for feed, count in found.items() if count} == Counter(fault.feed for fault in FAULTS)


@pytest.mark.parametrize("feed", KEYS)
def test_only_the_planned_records_differ_from_the_good_ones(feed: str) -> None:
    world, key = World(7, SCALE, 0), KEYS[feed]
    events = FEEDS[feed].shown(known_events(FEEDS[feed], world), world.now)
    good = {event.key: FEEDS[feed].record(event, world.now) for event in events}
    sent = City(world).records(feed)
    counts = Counter(record[key] for record in sent)
    spoilt = {r[key] for r in sent if r != good[r[key]] or counts[r[key]] > 1}
    assert spoilt == set(faults_of(feed, world))


def test_a_mended_record_is_good_again_and_has_a_newer_stamp() -> None:
    feed = FEEDS["hotline__requests"]
    faults = {key: f for key, f in faults_of(feed.id, World(7, SCALE, 0)).items() if f.mended_on == 1}
    for day, is_good in ((0, False), (1, True)):
        world = World(7, SCALE, day)
        shown = {e.key: e for e in feed.shown(known_events(feed, world), world.now)}
        sent = {key: [r for r in City(world).records(feed.id) if r["service_request_id"] == key] for key in faults}
        for key, records in sent.items():
            good = feed.record(shown[key], world.now)
            as_good = [{**record, feed.stamp: good[feed.stamp]} for record in records]
            assert (as_good == [good]) is is_good
            assert (records[0][feed.stamp] > feed.write_stamp(now_on(0))) is is_good


def test_a_record_that_is_not_mended_stays_spoilt() -> None:
    for day in (1, 3, 6):
        world = World(7, SCALE, day)
        faults = faults_of("police__incidents", world)
        lasting = [key for key, f in faults.items() if f.kind == "unknown_area" and not f.mended_on]
        sent = {record["id"]: record for record in City(world).records("police__incidents")}
        assert [sent[key]["district"] for key in lasting] == ["Z9"]


def test_spoiling_a_nested_value_leaves_the_good_record_alone() -> None:
    good = {"a": {"b": [1, {"c": 2}]}, "d": 3}
    assert replaced(good, parse_path("a.b[1].c"), 9) == {"a": {"b": [1, {"c": 9}]}, "d": 3}
    assert good == {"a": {"b": [1, {"c": 2}]}, "d": 3}


def test_good_requests_are_good() -> None:
    world = World(7, SCALE, 6)
    feed = FEEDS["hotline__requests"]
    for event in feed.shown(known_events(feed, world), world.now):
        record = feed.record(event, world.now)
        assert (record["closed_datetime"] is not None) == (record["status"] == "closed")
        assert record["requested_datetime"] <= record["updated_datetime"]
        assert event.closed_at is None or event.closed_at > event.known_at
