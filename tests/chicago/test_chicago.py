"""Real records through the DAGs of Chicago give the figures that were computed straight from the files."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import polars as pl

from dags.dbt_build import DBT_PROJECT

YEAR = "year(month) = 2013"


def test_what_was_received_is_what_became_of_it(ask: Any) -> None:
    rows = ask("SELECT feed, received, accepted, unchanged, duplicate, set_aside FROM ops.delivery ORDER BY feed")
    assert rows == [
        ("health__inspections", 27600, 27600, 0, 0, 0),
        ("health__population", 2574, 2574, 0, 0, 0),
        ("hotline__requests", 50, 50, 0, 0, 0),
        ("planning__areas", 77, 77, 0, 0, 0),
        ("police__incidents", 66932, 66931, 0, 1, 0),
        ("streets__requests", 72847, 72843, 0, 3, 1),
    ]


def test_the_header_inside_the_data_is_set_aside_with_its_reason(ask: Any) -> None:
    rows = ask(
        """SELECT rule, sender_field, example FROM ops.finding
        WHERE feed = 'streets__requests' AND strength = 'set_aside' AND sender_field = 'status'"""
    )
    assert rows == [("unknown_code", "status", "STATUS")]
    assert ask("SELECT count(*) FROM ops.set_aside") == [(1,)]


def test_records_updated_before_they_happened_are_told_and_kept(ask: Any) -> None:
    assert ask("SELECT failed FROM ops.check_result WHERE rule = 'updated_before_occurred'") == [(3,)]


def test_each_request_is_counted_once_by_its_newest_version(ask_lake: Any) -> None:
    assert ask_lake(
        """SELECT count(*), count(DISTINCT request_id) FROM staging.stg_service_request
        WHERE service_code = 'sanitation_code_violation'"""
    ) == [(72473, 72473)]


def test_statuses_are_those_of_the_file_without_its_identical_copies(ask_lake: Any) -> None:
    rows = ask_lake(
        """SELECT status, is_duplicate, count(*) FROM records.service_request
        WHERE _feed = 'streets__requests' GROUP BY ALL ORDER BY ALL"""
    )
    assert rows == [
        ("closed", False, 69084 - 3),
        ("closed", True, 3407),
        ("open", False, 236),
        ("open", True, 119),
    ]


def test_half_of_the_complaints_took_three_days_and_nine_in_ten_seventeen(ask_lake: Any) -> None:
    rows = ask_lake(
        """SELECT quantile_disc(closed_date - opened_date, 0.5), quantile_disc(closed_date - opened_date, 0.9)
        FROM intermediate.int_service_requests_classified
        WHERE service_code = 'sanitation_code_violation' AND status = 'closed'"""
    )
    assert rows == [(3, 17)]


def test_burglaries_by_year_and_code(ask_lake: Any) -> None:
    local_year = "year(timezone('America/Chicago', occurred_at))"
    years = dict(ask_lake(f"SELECT {local_year}, count(*) FROM staging.stg_incident GROUP BY 1"))
    # the file holds 22,838 rows of 2012, one of them an identical copy
    assert (years[2012], years[2013], sum(years.values())) == (22837, 17826, 66931)
    codes = dict(ask_lake("SELECT category_code, count(*) FROM staging.stg_incident GROUP BY 1"))
    assert codes == {"0610": 43817, "0620": 19001, "0630": 3247, "0650": 866}


def test_inspections_by_result(ask_lake: Any) -> None:
    rows = ask_lake("SELECT result, count(*) FROM staging.stg_inspection GROUP BY 1")
    assert dict(rows) == {"pass": 18494, "fail": 5455, "pass_with_conditions": 3651}


def test_the_departments_of_2013_meet_in_one_table_by_area(ask: Any) -> None:
    rows = ask(
        f"""SELECT count(DISTINCT area_code), sum(request_count), sum(incident_count), sum(inspection_count),
            sum(inspection_failed_count) FROM marts.area_profile_monthly WHERE {YEAR}"""
    )
    assert rows == [(77, 17936, 17826, 8621, 1586)]


def test_the_flagged_duplicates_are_left_out_of_the_counted_requests(ask: Any) -> None:
    assert ask(f"SELECT sum(counted_request_count) FROM marts.area_profile_monthly WHERE {YEAR}") == [(17078,)]


def test_the_population_counts_nobody_twice(ask: Any) -> None:
    rows = ask(
        f"""SELECT sum(population), min(population_year), max(population_year)
        FROM (SELECT DISTINCT area_code, population, population_year FROM marts.area_profile_monthly WHERE {YEAR})"""
    )
    assert rows == [(2695598, 2011, 2011)]


def test_complaints_and_burglaries_per_head_go_together(ask: Any) -> None:
    rows = ask(
        f"""SELECT corr(requests, incidents) FROM (
            SELECT sum(request_count) / any_value(population) AS requests,
                sum(incident_count) / any_value(population) AS incidents
            FROM marts.area_profile_monthly WHERE {YEAR} GROUP BY area_code)"""
    )
    assert round(rows[0][0], 3) == 0.732


def test_promises_in_business_days_are_those_that_another_calendar_reckons(ask: Any) -> None:
    """The source promises nothing; the city's table promises five business days, the last of them in full."""
    holidays = pl.read_csv(DBT_PROJECT / "seeds" / "holidays.csv", try_parse_dates=True)["holiday_date"].to_numpy()
    rows = ask(
        """SELECT opened_date, due_date, closed_date, is_due_on_time FROM marts.service_requests
        WHERE counting_class = 'counted' AND department = 'streets' AND year(opened_date) IN (2012, 2013)"""
    )
    assert len(rows) > 30_000
    opened, due, closed, is_on_time = zip(*rows, strict=True)
    promised = np.busday_offset(np.array(opened, "M8[D]"), 5, roll="backward", holidays=holidays)
    assert (np.array(due, "M8[D]") == promised).all()
    kept = [bool(end and end <= last) for end, last in zip(closed, promised.tolist(), strict=True)]
    assert Counter(kept) == Counter(is_on_time)
    sources = "SELECT DISTINCT target_source FROM marts.service_requests WHERE department = 'streets' ORDER BY 1"
    assert ask(sources) == [("none",), ("service_table",)]


def test_what_chicago_does_not_tell_is_not_measured(ask: Any) -> None:
    rows = ask(
        """SELECT bool_or(is_answering_measured), bool_or(is_resolving_measured), bool_or(is_satisfaction_measured),
            count(answered_share), count(resolved_count), count(satisfied_share)
        FROM marts.service_rates_monthly"""
    )
    assert rows == [(False, False, False, 0, 0, 0)]
