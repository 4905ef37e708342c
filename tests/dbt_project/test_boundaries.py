"""Borders that move change what comes after, and no figure of the past."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from tests.dbt_project import riverside
from tests.dbt_project.small_lake import SmallLake, failed, new_lake

MODELS = ("run", "--select", "+area_profile_monthly")
BEFORE_THE_CHANGE = {
    "profiles": "SELECT * FROM marts.area_profile_monthly WHERE month < DATE '2026-11-01' ORDER BY ALL",
    "inspections": "FROM intermediate.int_inspections_placed WHERE inspection_date < DATE '2026-11-21' ORDER BY ALL",
    "stations": "FROM intermediate.int_base_stations_reported WHERE day < DATE '2026-11-21' ORDER BY ALL",
    "lamp posts": "SELECT area_code, month, lamp_post_count FROM marts.area_profile_monthly ORDER BY ALL",
}


def _strip(west: float, east: float) -> str:
    ring = [[west, 0], [east, 0], [east, 1], [west, 1], [west, 0]]
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


def _answers(small: SmallLake) -> dict[str, Any]:
    return {name: small.rows(sql) for name, sql in BEFORE_THE_CHANGE.items()}


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> tuple[SmallLake, dict[str, Any]]:
    """Riverside after the border of West and East went from 1 to 0.1 on 21 November, and its answers before."""
    small = new_lake(tmp_path_factory.mktemp("moved"))
    riverside.write(small)
    assert failed(small.dbt("seed")) | failed(small.dbt(*MODELS)) == {}
    before = _answers(small)
    for area, name, geometry in (("W", "West", _strip(0, 0.1)), ("E", "East", _strip(0.1, 2))):
        changed = {"area_code": area, "area_name": name, "geometry": geometry}
        small.deliver("planning__areas", "area", {**changed, "_loaded_at": "2026-11-21 12:00:00+00"})
    point = {"longitude": 0.5, "latitude": 0.5, "result": "pass"}
    small.deliver("health__inspections", "inspection",
        {"inspection_id": "after", "inspection_date": "2026-11-22", **point},
        {"inspection_id": "before, told late", "inspection_date": "2026-11-19", **point},
    )  # fmt: skip
    assert failed(small.dbt(*MODELS)) == {}
    return small, before


def test_past_figures_stay(moved: tuple[SmallLake, dict[str, Any]]) -> None:
    small, before = moved
    after = _answers(small)
    after["inspections"] = [row for row in after["inspections"] if row[1] != "before, told late"]
    assert before["inspections"] and before["stations"]
    assert after == before


def test_what_happened_after_the_change_lies_in_the_new_area(moved: tuple[SmallLake, dict[str, Any]]) -> None:
    assert moved[0].rows(
        """SELECT inspection_id, area_code FROM intermediate.int_inspections_placed
        WHERE inspection_id IN ('H1', 'after', 'before, told late') ORDER BY ALL"""
    ) == [("H1", "W"), ("after", "E"), ("before, told late", "W")]
    assert moved[0].rows(
        "SELECT day, area_code FROM intermediate.int_base_stations_reported WHERE lamp_post_id = 'L1' ORDER BY day"
    ) == [(date(2026, 11, 20), "W"), (date(2026, 11, 21), "E"), (date(2026, 11, 22), "E")]


def test_an_area_that_the_sender_names_stays(moved: tuple[SmallLake, dict[str, Any]]) -> None:
    assert moved[0].rows(
        "SELECT area_code, is_area_from_point FROM intermediate.int_inspections_placed WHERE inspection_id = 'H3'"
    ) == [("W", False)]


def test_an_area_is_listed_once_with_its_border_of_today(moved: tuple[SmallLake, dict[str, Any]]) -> None:
    assert moved[0].rows("SELECT area_code, valid_from FROM intermediate.int_areas ORDER BY ALL") == [
        ("E", date(2026, 11, 21)), ("W", date(2026, 11, 21)),
    ]  # fmt: skip
