"""Sensors that fail are found by the marts, each for its own reason, and none of them is believed in the meantime."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from tests.dbt_project import sensor_town
from tests.dbt_project.sensor_town import HOUR, MINUTE, NOON, START
from tests.dbt_project.small_lake import SmallLake, failed, new_lake

MODELS = ("run", "--select", "+sensor_health_hourly", "+observations_hourly", "+sensor_readings_current")
CYCLES = {
    "before": NOON - 10 * MINUTE,
    "two hours": NOON + HOUR + 10 * MINUTE,
    "four hours": NOON + 4 * HOUR,
    "a day": NOON + 25 * HOUR + 10 * MINUTE,
}
"""When the town is looked at: before anything fails, after two readings, when three are missed, and a day later."""


@dataclass
class Town:
    """The town after the last look, and what each look told: the state and the value shown of each thermometer."""

    small: SmallLake
    seen: dict[str, dict[str, str]]
    shown: dict[str, dict[str, float | None]]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    small = new_lake(tmp_path_factory.mktemp("town"))
    sensor_town.write(small)
    sensor_town.unread(small)
    assert failed(small.dbt("seed")) == {}
    town, since = Town(small, {}, {}), START - HOUR
    for name, until in CYCLES.items():
        sensor_town.read(small, since, until)
        assert failed(small.dbt(*MODELS)) == {}
        town.seen[name], town.shown[name], since = _current(small, "state"), _current(small, "result"), until
    return town


def _current(small: SmallLake, column: str) -> dict[str, Any]:
    return dict(
        small.rows(
            f"SELECT lamp_post_id, {column} FROM marts.sensor_readings_current WHERE property_code = 'temperature'"
        )
    )


def _faulty(states: dict[str, str]) -> dict[str, str]:
    return {post: state for post, state in states.items() if state != "ok"}


def _states(small: SmallLake, post: str, since: datetime, hours: int) -> list[str]:
    """What each hour said of a thermometer, in the end."""
    told = small.rows(
        f"""SELECT state FROM marts.sensor_health_hourly WHERE datastream_id = '{post}/temperature'
        AND hour >= TIMESTAMPTZ '{since}' ORDER BY hour LIMIT {hours}"""
    )
    return [state for (state,) in told]


def test_nothing_is_wrong_with_a_town_that_is_well(town: Town) -> None:
    """But of the sensor whose feed was last read four hours ago nothing is known."""
    assert _faulty(town.seen["before"]) == {"deaf": "unknown"}


def test_after_two_cycles_sensors_say_what_is_wrong_with_them(town: Town) -> None:
    assert _faulty(town.seen["two hours"]) == {"clock": "clock_wrong", "unit": "unit_changed", "deaf": "unknown"}


def test_a_spike_is_out_of_range_in_its_hour(town: Town) -> None:
    assert _states(town.small, "spike", NOON - HOUR, 3) == ["ok", "out_of_range", "ok"]


def test_a_sensor_is_silent_when_three_intervals_passed(town: Town) -> None:
    assert _faulty(town.seen["four hours"]) | {"silence": "silent", "batch": "silent"} == _faulty(
        town.seen["four hours"]
    )
    # the last reading was at 11: at the end of the hour from 13 on it is three hours old and not yet older
    assert _states(town.small, "silence", NOON - HOUR, 5) == ["ok", "ok", "ok", "silent", "silent"]


def test_readings_that_come_as_a_late_batch_are_late_and_the_sensor_is_well_again(town: Town) -> None:
    """The one of noon came 5 h 20 after it was measured, the one of 14 o'clock 3 h 20, the one of 15 in time."""
    assert _states(town.small, "batch", NOON - HOUR, 6) == ["ok", "late", "late", "late", "ok", "ok"]
    assert town.seen["a day"]["batch"] == "ok"


def test_a_value_that_stays_the_same_for_twelve_intervals_is_a_flat_line(town: Town) -> None:
    assert _states(town.small, "freeze", NOON, 14) == ["ok"] * 12 + ["flat_line"] * 2


def test_no_rain_and_a_lamp_of_constant_power_are_no_flat_line(town: Town) -> None:
    assert town.small.rows(
        "SELECT DISTINCT property_code, state FROM marts.sensor_health_hourly WHERE lamp_post_id = 'gauge' ORDER BY ALL"
    ) == [("power", "ok"), ("rainfall", "ok")]


def test_a_sensor_that_is_far_from_its_neighbours_for_a_day_drifts(town: Town) -> None:
    assert _states(town.small, "drift", NOON, 26) == ["ok"] * 23 + ["drifting"] * 3


def test_a_changed_unit_is_told_for_a_day_and_is_no_drift(town: Town) -> None:
    assert _states(town.small, "unit", NOON, 26) == ["unit_changed"] * 24 + ["ok"] * 2


def test_two_units_are_never_averaged_together(town: Town) -> None:
    assert town.small.rows(
        f"""SELECT unit_code, n, mean_result FROM marts.observations_hourly WHERE datastream_id = 'unit/temperature'
        AND hour BETWEEN TIMESTAMPTZ '{NOON - HOUR}' AND TIMESTAMPTZ '{NOON}' ORDER BY hour"""
    ) == [("C", 1, 12.2), ("F", 1, 51.6)]


def test_a_clock_that_is_wrong_is_told_in_each_hour_and_its_readings_stand_when_they_came(town: Town) -> None:
    assert set(_states(town.small, "clock", NOON, 26)) == {"clock_wrong"}
    assert town.small.rows(
        f"""SELECT sum(n), max(n) FROM marts.observations_hourly WHERE datastream_id = 'clock/temperature'
        AND hour >= TIMESTAMPTZ '{NOON + 2 * HOUR}' AND hour < TIMESTAMPTZ '{NOON + 24 * HOUR}'"""
    ) == [(22, 1)]


def test_a_reading_that_is_delivered_twice_counts_once(town: Town) -> None:
    assert _states(town.small, "twice", START, 74) == ["ok"] * 74
    assert town.small.rows(
        "SELECT DISTINCT n FROM marts.observations_hourly WHERE datastream_id = 'twice/temperature'"
    ) == [(1,)]


def test_uptime_is_what_was_received_of_what_was_due_in_complete_hours(town: Town) -> None:
    """48 hours before noon, of which the first is not complete, and 25 after it until the town was last read."""
    assert town.small.rows(
        """SELECT sum(n) FILTER (expected_n IS NOT NULL), sum(expected_n), min(uptime_share), max(uptime_share)
        FROM marts.sensor_health_hourly WHERE datastream_id = 'silence/temperature'"""
    ) == [(47, 72.0, 0.0, 1.0)]


def test_no_sensor_that_is_not_well_shows_a_value(town: Town) -> None:
    for name, states in town.seen.items():
        shown = {post for post, value in town.shown[name].items() if value is not None}
        assert shown == {post for post, state in states.items() if state == "ok"}, name
    assert "silence" not in {post for post, value in town.shown["a day"].items() if value is not None}
