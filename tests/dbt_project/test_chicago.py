"""The marts reproduce what was counted straight from Chicago's published files."""

from __future__ import annotations

import pytest

from tests.dbt_project.small_lake import SmallLake


def test_the_profile_of_2013_has_the_published_totals(real_city: SmallLake) -> None:
    assert real_city.row(
        """SELECT count(DISTINCT area_code) AS areas, sum(population) / 12 AS residents,
            min(population_year) AS counted_in, sum(request_count) AS requests,
            sum(counted_request_count) AS requests_without_duplicates, sum(incident_count) AS burglaries,
            sum(inspection_count) AS inspections, sum(inspection_failed_count) AS failed
        FROM marts.area_profile_monthly WHERE year(month) = 2013"""
    ) == {
        "areas": 77, "residents": 2_695_598, "counted_in": 2011, "requests": 17_936,
        "requests_without_duplicates": 17_078, "burglaries": 17_826, "inspections": 8_621, "failed": 1_586,
    }  # fmt: skip


def test_the_year_2013_of_each_area_has_the_published_totals_beside_its_rates(real_city: SmallLake) -> None:
    """Complaints, duplicates included, and burglaries for each head go together: 0.732 over the 77 areas."""
    assert real_city.row(
        """SELECT count(*) AS areas, sum(population) AS residents, bool_and(population_is_estimated) AS is_carried,
            sum(request_count) AS requests, sum(incident_count) AS burglaries, sum(inspection_count) AS inspections,
            sum(inspection_failed_count) AS failed, round(any_value(inspections_placed_share), 4) AS placed_share,
            round(corr(requests_per_10k, incidents_per_10k), 3) AS together
        FROM marts.area_profile_yearly WHERE year = 2013"""
    ) == {
        "areas": 77, "residents": 2_695_598, "is_carried": True, "requests": 17_936, "burglaries": 17_826,
        "inspections": 8_621, "failed": 1_586, "placed_share": round(8_621 / 8_811, 4), "together": 0.732,
    }  # fmt: skip


def test_inspections_outside_every_area_are_kept(real_city: SmallLake) -> None:
    assert real_city.rows(
        """SELECT count(*), count(*) FILTER (area_code <> 'unplaced') FROM intermediate.int_inspections_placed
        WHERE year(inspection_date) = 2013"""
    ) == [(8_811, 8_621)]


def test_sanitation_complaints_take_three_days_and_one_in_ten_seventeen(real_city: SmallLake) -> None:
    """By quantile_disc: the smallest number of days within which that share of the complaints was completed."""
    days = """SELECT quantile_disc(closed_date - opened_date, [0.5, 0.9])
        FROM intermediate.int_service_requests_classified
        WHERE counting_class = 'counted' AND closed_date IS NOT NULL"""
    assert real_city.rows(days) == [([3, 17],)]
    assert real_city.rows(f"{days} AND year(opened_date) = 2013") == [([4, 26],)]


def test_a_city_that_writes_days_only_closes_nothing_at_once_and_measures_no_outcome(real_city: SmallLake) -> None:
    assert real_city.row(
        """SELECT sum(request_count) AS requests, sum(duplicate_count) AS duplicates, sum(date_only_count) AS dates,
            sum(instant_count) AS at_once, count(without_fix_evidence_share) AS evidence, sum(due_count) AS due
        FROM marts.service_honesty_monthly WHERE year(month) = 2013"""
    ) == {"requests": 17_939, "duplicates": 858, "dates": 17_939, "at_once": 0, "evidence": 0, "due": 0}
    assert real_city.row(
        """SELECT count(*) AS months, count(answered_share) AS answered, count(resolved_share) AS resolved,
            count(satisfied_share) AS satisfied, bool_or(is_answering_measured) AS is_measured
        FROM marts.service_rates_monthly WHERE year(month) = 2013"""
    ) == {"months": 12, "answered": 0, "resolved": 0, "satisfied": 0, "is_measured": False}


@pytest.mark.parametrize(
    ("week", "opened", "closed_within"),
    [
        ("2013-06-03", 548, [135, 258, 361, 433, 485, 545]),
        # the file ends in November, the build is of December: ninety days are not over
        ("2014-10-06", 282, [55, 117, 180, 224, 279, None]),
    ],
)
def test_of_a_week_so_much_was_closed_within_so_many_days(
    real_city: SmallLake, week: str, opened: int, closed_within: list[int | None]
) -> None:
    """As counted straight from the file, of each number the completed version."""
    assert real_city.rows(
        f"""SELECT age_days, opened_count, closed_within_count FROM marts.service_cohorts_weekly
        WHERE week = DATE '{week}' ORDER BY age_days"""
    ) == [(age, opened, closed) for age, closed in zip((1, 3, 7, 14, 30, 90), closed_within, strict=True)]


def test_the_burglaries_of_two_days_in_a_row_make_hot_spots(real_city: SmallLake) -> None:
    """Counted out of the file. Area 25 had 8 on 11 October 2011; on 2 to 8 October it had 3, 3, 5, 2, 3, 4 and 3: mean
    23 / 7, squares 81, variance (81 - 529 / 7) / 6 = 0.9048, z = (8 - 3.2857) / 0.9512."""
    assert real_city.row(
        """SELECT observed_count, baseline_count, baseline_square_count, round(burst_z, 3) AS z, is_flagged,
            population, round(observed_per_1k, 3) AS per_1k
        FROM marts.hot_spots_daily
        WHERE area_code = '25' AND day = DATE '2011-10-11' AND category = 'BURGLARY'"""
    ) == {
        "observed_count": 8, "baseline_count": 23, "baseline_square_count": 81, "z": 4.956, "is_flagged": True,
        "population": 98_514, "per_1k": 0.081,
    }  # fmt: skip
    flagged = real_city.rows(
        """SELECT day::VARCHAR, area_code FROM marts.hot_spots_daily
        WHERE is_flagged AND category = 'BURGLARY' AND day >= DATE '2011-07-12' ORDER BY ALL"""
    )
    assert flagged == [
        ("2011-07-12", "69"), ("2011-08-04", "69"), ("2011-08-27", "67"), ("2011-09-28", "22"), ("2011-10-07", "19"),
        ("2011-10-11", "25"), ("2011-10-12", "25"), ("2011-11-09", "25"), ("2011-11-19", "22"), ("2011-11-30", "43"),
        ("2011-12-14", "67"), ("2012-04-12", "69"), ("2012-08-31", "69"), ("2012-09-17", "43"), ("2012-09-19", "22"),
        ("2012-10-30", "25"), ("2012-11-07", "44"), ("2012-12-21", "2"), ("2013-02-11", "46"), ("2013-04-23", "71"),
        ("2013-04-24", "71"), ("2013-07-02", "43"), ("2014-09-19", "43"),
    ]  # fmt: skip


def test_burglaries_of_which_only_the_day_is_known_make_no_hour_calm(real_city: SmallLake) -> None:
    assert real_city.rows(
        """SELECT sum(observed_count)::BIGINT, bool_or(is_measured), bool_or(is_exceeded)
        FROM marts.hot_spots_hourly WHERE kind = 'incident' AND day <= DATE '2014-11-02'"""
    ) == [(0, False, None)]
