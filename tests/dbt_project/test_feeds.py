"""A number names a record within its feed only: what another feed says under the same number is another record."""

from __future__ import annotations

from datetime import date

from tests.dbt_project.small_lake import SmallLake


def test_each_feed_keeps_its_own_current_row_of_a_number(with_namesakes: SmallLake) -> None:
    assert with_namesakes.rows(
        "SELECT feed, status FROM staging.stg_service_request WHERE request_id = 'open late' ORDER BY feed"
    ) == [("parks__requests", "closed"), ("streets__old_requests", "closed"), ("streets__requests", "open")]


def test_a_withdrawal_takes_away_the_record_of_its_own_feed_only(with_namesakes: SmallLake) -> None:
    assert with_namesakes.rows(
        """SELECT request_id, feed FROM staging.stg_service_request
        WHERE request_id IN ('withdrawn', 'without stamp') ORDER BY request_id"""
    ) == [("withdrawn", "parks__requests"), ("without stamp", "streets__requests")]


def test_requests_of_one_number_are_counted_by_department(with_namesakes: SmallLake) -> None:
    assert with_namesakes.rows(
        """SELECT department, sum(opened_count), sum(duplicate_count) FROM marts.service_levels_daily
        GROUP BY ALL ORDER BY ALL"""
    ) == [("parks", 3, 1), ("streets", 6, 1)]


def test_calls_of_one_number_are_incidents_of_their_own(with_namesakes: SmallLake) -> None:
    assert with_namesakes.rows(
        """SELECT department, call_type, unit_count, response_minutes
        FROM intermediate.int_emergency_incidents_responded WHERE call_id = 'F1' ORDER BY department"""
    ) == [("ambulance", "medical", 1, 4.0), ("fire", "fire", 2, 5.0)]


def test_a_post_reports_by_the_readings_of_its_own_department(with_namesakes: SmallLake) -> None:
    """Lighting's post reported on the 19th, 20th and 22nd, the one of parks on the 20th and 21st."""
    day = [date(2026, 11, number) for number in (20, 21, 22)]
    assert with_namesakes.rows(
        """SELECT feed, area_code, day, is_reporting FROM intermediate.int_base_stations_reported
        WHERE lamp_post_id = 'L1' ORDER BY ALL"""
    ) == [
        ("lighting__posts", "W", day[0], True), ("lighting__posts", "W", day[1], False),
        ("lighting__posts", "W", day[2], True),
        ("parks__posts", "E", day[1], True), ("parks__posts", "E", day[2], False),
    ]  # fmt: skip


def test_inspections_of_one_number_are_placed_apart(with_namesakes: SmallLake) -> None:
    assert with_namesakes.rows(
        """SELECT department, result, area_code FROM intermediate.int_inspections_placed
        WHERE inspection_id = 'H1' ORDER BY department"""
    ) == [("health", "fail", "W"), ("housing", "pass", "W")]


def test_an_area_that_two_feeds_describe_is_one_area_with_one_count_of_residents(with_namesakes: SmallLake) -> None:
    assert with_namesakes.rows(
        """SELECT area_name, population FROM marts.area_profile_monthly
        WHERE area_code = 'W' AND month = DATE '2026-11-01'"""
    ) == [("Old West", 2100)]
