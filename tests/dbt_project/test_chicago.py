"""The marts reproduce what was counted straight from Chicago's published files."""

from __future__ import annotations

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
