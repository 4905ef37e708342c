"""Health and reach of real sensors, held against figures counted straight from the published files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dbt_project import array_of_things
from tests.dbt_project.small_lake import SmallLake, failed, new_lake


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, public_data: Path) -> SmallLake:
    small = new_lake(tmp_path_factory.mktemp("array"))
    array_of_things.write(small, public_data / "chicago")
    assert failed(small.dbt("seed")) == {}
    assert failed(small.dbt("run", "--select", "+sensor_coverage", "+observations_hourly")) == {}
    return small


def test_impossible_readings_are_found_and_nothing_else(city: SmallLake) -> None:
    """28 of 287 temperatures lie outside -40 to 60 degrees, 12 of 98 humidities outside 0 to 100 per cent."""
    assert city.rows(
        "SELECT property_code, state, count(*) FROM marts.sensor_health_hourly GROUP BY ALL ORDER BY ALL"
    ) == [
        ("humidity", "ok", 86), ("humidity", "out_of_range", 12), ("pressure", "ok", 36),
        ("pressure", "out_of_range", 7), ("temperature", "ok", 259), ("temperature", "out_of_range", 28),
    ]  # fmt: skip


def test_each_sensor_measured_once(city: SmallLake) -> None:
    assert city.rows("SELECT count(*), sum(n), max(n) FROM marts.observations_hourly") == [(428, 428, 1)]


def test_only_the_node_whose_place_is_published_is_placed(city: SmallLake) -> None:
    assert city.rows(
        """SELECT area_code, count(*), count(DISTINCT lamp_post_id) FROM marts.sensor_readings_current
        WHERE property_code = 'temperature' GROUP BY ALL ORDER BY ALL"""
    ) == [("39", 7, 1), ("unplaced", 280, 27)]


def test_areas_that_no_sensor_sees_are_told(city: SmallLake) -> None:
    """Kenwood's node reaches into four areas around it; shares by throwing 8,000 points at each border."""
    shares = dict(
        city.rows(
            """SELECT area_code, covered_share FROM marts.sensor_coverage
            WHERE property_code = 'temperature' AND area_code <> 'unplaced'"""
        )
    )
    assert len(shares) == 77
    seen = {area: share for area, share in shares.items() if share > 0}
    assert seen == pytest.approx({"39": 1.0, "36": 0.576, "41": 0.546, "38": 0.26, "40": 0.036}, abs=0.03)
    assert city.rows(
        """SELECT station_count, working_station_count FROM marts.sensor_coverage
        WHERE property_code = 'temperature' AND area_code IN ('39', '41') ORDER BY area_code"""
    ) == [(1, 1), (0, 0)]
