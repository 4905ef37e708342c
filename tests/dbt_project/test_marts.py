"""What the marts say of a city that can be counted on paper."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.dbt_project import riverside
from tests.dbt_project.small_lake import HAND_WRITTEN, SmallLake, failed, new_lake


def test_the_newest_version_of_a_record_counts_whenever_it_came(built: SmallLake) -> None:
    assert built.rows(
        """SELECT request_id, status FROM intermediate.int_service_requests_classified
        WHERE request_id IN ('closed later on', 'without stamp') ORDER BY ALL"""
    ) == [("closed later on", "closed"), ("without stamp", "cancelled")]


def test_a_withdrawn_record_is_in_no_mart(built: SmallLake) -> None:
    assert built.rows("FROM intermediate.int_service_requests_classified WHERE request_id = 'withdrawn'") == []


def test_a_service_carries_its_newest_name(built: SmallLake) -> None:
    assert built.rows("SELECT DISTINCT service_name FROM marts.service_levels_daily") == [("Hole in the road",)]


def test_a_promised_day_counts_in_full_and_the_open_late_one_stays(built: SmallLake) -> None:
    assert built.row(
        """SELECT due_count, due_on_time_count, due_on_time_share, closed_on_time_share, backlog_count,
            open_overdue_count
        FROM marts.service_levels_daily WHERE area_code = 'W' AND day = DATE '2026-11-21'"""
    ) == {
        "due_count": 2, "due_on_time_count": 1, "due_on_time_share": 0.5, "closed_on_time_share": 1.0,
        "backlog_count": 1, "open_overdue_count": 1,
    }  # fmt: skip


def test_a_request_without_an_area_is_counted_as_unplaced(built: SmallLake) -> None:
    assert built.rows("SELECT sum(opened_count) FROM marts.service_levels_daily WHERE area_code = 'unplaced'") == [(1,)]


def test_several_units_are_one_incident(built: SmallLake) -> None:
    assert built.row(
        """SELECT incident_count, with_on_scene_count, valid_share, within_standard_count, median_response_minutes
        FROM marts.response_times_daily"""
    ) == {
        "incident_count": 2, "with_on_scene_count": 1, "valid_share": 0.5, "within_standard_count": 1,
        "median_response_minutes": None,
    }  # fmt: skip


def test_an_area_is_seen_across_departments(built: SmallLake) -> None:
    profile = built.row("FROM marts.area_profile_monthly WHERE area_code = 'W' AND month = DATE '2026-11-01'")
    assert profile | {
        "request_count": 4, "counted_request_count": 2, "due_count": 2, "due_on_time_share": 0.5, "incident_count": 0,
        "emergency_incident_count": 0, "issued_permit_count": 1, "inspection_count": 2, "inspection_failed_share": 1.0,
        "payment_cents": 12_445, "opinion_item_count": 0, "lamp_post_count": 3, "population": 2000,
        "population_year": 2026, "requests_per_10k": 20.0, "requests_placed_share": 0.8, "incidents_placed_share": 0.5,
        "inspections_placed_share": 0.75, "lamp_posts_placed_share": 1.0, "station_days_placed_share": 1.0,
        "lamp_nights_placed_share": None, "payment_cents_per_10k": 62_225.0, "incidents_per_10k": 0.0,
    } == profile  # fmt: skip


def test_a_year_of_an_area_adds_its_months_and_names_what_its_rates_rest_on(built: SmallLake) -> None:
    """Of West's six calendar entries of 2026 all lie in November; its residents were counted that very year."""
    profile = built.row("FROM marts.area_profile_yearly WHERE area_code = 'W' AND year = 2026")
    assert profile | {
        "is_whole_year": False, "request_count": 4, "due_on_time_share": 0.5, "incident_count": 0,
        "issued_permit_count": 1, "inspection_count": 2, "inspection_failed_share": 1.0, "payment_cents": 12_445,
        "lamp_post_count": 3, "station_day_count": 3, "reporting_day_count": 2, "population": 2000,
        "population_year": 2026, "population_is_estimated": False, "requests_per_10k": 20.0,
        "requests_placed_share": 0.8, "inspections_placed_share": 0.75, "boundary_date": None,
        "has_boundary_change": False,
    } == profile  # fmt: skip
    east = built.row("FROM marts.area_profile_yearly WHERE area_code = 'E' AND year = 2026")
    assert (east["population_year"], east["population_is_estimated"], east["incident_count"]) == (2028, True, 2)
    # of three incidents one has no area
    assert round(east["incidents_placed_share"], 3) == 0.667


def test_uptime_counts_complete_days_after_the_first(built: SmallLake) -> None:
    """The 20th to 22nd; the 21st was silent, the first day and today are incomplete."""
    assert built.row(
        """SELECT station_day_count, reporting_day_count, round(sensor_uptime_share, 3) AS uptime
        FROM marts.area_profile_monthly WHERE area_code = 'W' AND month = DATE '2026-11-01'"""
    ) == {"station_day_count": 3, "reporting_day_count": 2, "uptime": 0.667}


def test_a_month_that_nobody_reported_on_is_unknown_and_not_zero(built: SmallLake) -> None:
    october = built.row("FROM marts.area_profile_monthly WHERE area_code = 'W' AND month = DATE '2026-10-01'")
    assert (october["incident_count"], october["request_count"], october["requests_per_10k"]) == (0, None, None)


def test_residents_are_those_known_to_the_month_or_else_the_first_known(built: SmallLake) -> None:
    assert built.rows(
        "SELECT DISTINCT area_code, population_year FROM marts.area_profile_monthly ORDER BY area_code"
    ) == [("E", 2028), ("W", 2026)]


@pytest.mark.parametrize(
    ("day", "arrival", "minutes_late", "received", "refused"),
    [(20, "on_time", None, 10, 0), (21, "late", 5, 4, 0), (22, "missing", None, 3, 0), (23, "on_time", None, 5, 1)],
)
def test_each_day_says_what_arrived(
    built: SmallLake, day: int, arrival: str, minutes_late: int | None, received: int, refused: int
) -> None:
    quality = _quality(built, day)
    assert quality["arrival"] == arrival
    assert (quality["minutes_late"], quality["received"], quality["refused_count"]) == (minutes_late, received, refused)


def test_scores_are_shares_of_what_was_checked(built: SmallLake) -> None:
    quality = _quality(built, 20)
    assert (quality["valid_score"], quality["complete_score"], quality["on_time_score"]) == (80.0, 97.5, 100.0)
    assert quality["feed_score"] == pytest.approx((80 + 97.5 + 100) / 3)


def test_a_dimension_that_nobody_measured_is_blank(built: SmallLake) -> None:
    quality = _quality(built, 20)
    assert (quality["unique_score"], quality["accurate_score"]) == (None, None)


def test_a_day_without_a_delivery_keeps_the_last_scores_and_says_from_when(built: SmallLake) -> None:
    quality = _quality(built, 22)
    assert (quality["valid_score"], quality["measured_on"]) == (100.0, date(2026, 11, 21))
    assert quality["on_time_score"] == pytest.approx(100 / 3)


def test_a_refused_delivery_fails_in_the_dimension_that_refused_it(built: SmallLake) -> None:
    quality = _quality(built, 23)
    assert (quality["consistent_score"], quality["consistent_checked"], quality["valid_score"]) == (0.0, 5, None)


def test_a_feed_that_never_came_is_never_good(built: SmallLake) -> None:
    assert built.rows(
        "SELECT DISTINCT arrival, feed_score FROM marts.data_quality_daily WHERE feed = 'fire__calls' ORDER BY ALL"
    ) == [("missing", 0.0)]


def test_building_again_changes_no_mart(built: SmallLake) -> None:
    before = {mart: built.rows(f"FROM marts.{mart} ORDER BY ALL") for mart in _marts(built)}
    assert failed(built.dbt("run", "--select", "intermediate", "marts")) == {}
    assert {mart: built.rows(f"FROM marts.{mart} ORDER BY ALL") for mart in _marts(built)} == before


def test_views_that_say_what_they_said_are_left_as_they_are(built: SmallLake) -> None:
    snapshots = built.rows("SELECT count(*) FROM lake.snapshots()")
    assert failed(built.dbt("run", "--select", "staging")) == {}
    assert built.rows("SELECT count(*) FROM lake.snapshots()") == snapshots


def test_a_view_that_says_something_else_or_is_a_table_is_replaced(built: SmallLake) -> None:
    before = built.rows("FROM staging.stg_area ORDER BY ALL")
    with built.connect() as connection:
        connection.execute("CREATE OR REPLACE VIEW staging.stg_area AS SELECT 1 AS other")
        connection.execute("DROP VIEW staging.stg_lamp_post")
        connection.execute("CREATE TABLE staging.stg_lamp_post AS SELECT 1 AS other")
    assert failed(built.dbt("run", "--select", "stg_area", "stg_lamp_post")) == {}
    assert built.rows("FROM staging.stg_area ORDER BY ALL") == before
    assert built.rows("SELECT count(*) FROM duckdb_views() WHERE view_name = 'stg_lamp_post'") == [(1,)]
    assert built.rows("SELECT count(*) FROM staging.stg_lamp_post") == [(3,)]


def test_a_delivery_that_does_not_add_up_fails_the_build(tmp_path: Path) -> None:
    small = new_lake(tmp_path)
    riverside.write(small)
    with small.connect() as connection:
        connection.execute("UPDATE ops.delivery SET accepted = accepted + 1 WHERE delivery_id = 'late'")
    outcome = small.dbt("build", "--select", "+data_quality_daily", "--indirect-selection", "buildable", *HAND_WRITTEN)
    assert [name for name, status in failed(outcome).items() if status == "fail"] == [
        "received_records_are_all_accounted_for"
    ]


def _quality(built: SmallLake, day: int) -> dict[str, object]:
    return built.row(f"FROM marts.data_quality_daily WHERE feed = 'streets__requests' AND day = DATE '2026-11-{day}'")


def _marts(built: SmallLake) -> list[str]:
    return [name for (name,) in built.rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts'")]
