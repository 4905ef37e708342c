"""Sunrise and sunset by formula agree with the almanac's."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import jinja2
import pytest

from dags.dbt_build import DBT_PROJECT

ALMANAC = [
    ("America/Chicago", 41.85, -87.65, date(2026, 6, 21), "05:16", "20:29"),
    ("America/Chicago", 41.85, -87.65, date(2026, 12, 21), "07:15", "16:23"),
    ("Europe/London", 51.51, -0.13, date(2026, 6, 21), "04:43", "21:21"),
    ("Europe/London", 51.51, -0.13, date(2026, 12, 21), "08:04", "15:53"),
]
"""Local times as published for these cities, to the minute."""


def _sun(latitude: float, longitude: float, day: date) -> tuple[datetime | None, datetime | None]:
    macros = jinja2.Environment().from_string((DBT_PROJECT / "macros" / "sun.sql").read_text()).module
    today = f"date '{day}'"
    season = macros.solar_season(today)  # type: ignore[attr-defined]
    ahead = macros.sundial_minutes(season)  # type: ignore[attr-defined]
    half = macros.half_day_minutes(latitude, macros.declination(season))  # type: ignore[attr-defined]
    rise, fall = (macros.after_noon(today, longitude, ahead, sign + half) for sign in ("-", ""))  # type: ignore[attr-defined]
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        answer = connection.execute(f"SELECT {rise}, {fall}").fetchone()
    assert answer is not None
    return answer


@pytest.mark.parametrize(("zone", "latitude", "longitude", "day", "rises", "sets"), ALMANAC)
def test_the_sun_rises_and_sets_when_the_almanac_says(
    zone: str, latitude: float, longitude: float, day: date, rises: str, sets: str
) -> None:
    for told, published in zip(_sun(latitude, longitude, day), (rises, sets), strict=True):
        assert told is not None
        expected = datetime.fromisoformat(f"{day}T{published}").replace(tzinfo=ZoneInfo(zone))
        assert abs(told - expected) <= timedelta(minutes=2), (told, expected)


def test_where_the_sun_does_not_set_there_is_no_time() -> None:
    assert _sun(69.65, 18.96, date(2026, 6, 21)) == (None, None)
