"""A test that fails is told in the same words and holds the same marts back, in a first build as in a later one."""

from __future__ import annotations

from pathlib import Path

import pytest

from dags import dbt_build
from dags.build_plan import ancestors
from tests.dbt_project import riverside
from tests.dbt_project.small_lake import SmallLake, new_lake

MART, DEPARTMENTS = "model.civiclake.data_quality_daily", "model.civiclake.int_departments"
TOLD = ["received_records_are_all_accounted_for (Got 1 result, configured to fail if != 0)"]


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SmallLake:
    monkeypatch.setenv("CIVICLAKE_HOME", str(tmp_path))
    small = new_lake(tmp_path)
    riverside.write(small)
    return small


def build() -> dbt_build.DbtResult:
    """Build the quality of data and the departments, what both stand on, and all tests that look at nothing else."""
    project = dbt_build._parse(dbt_build.target_folder())
    nodes, above = project.manifest.nodes, ancestors(project.manifest)
    project.chosen = {MART, DEPARTMENTS, *above[MART], *above[DEPARTMENTS]} & nodes.keys()
    project.chosen |= {
        name for name, node in nodes.items()
        if node.resource_type == "test" and {*node.depends_on_nodes} & nodes.keys() <= project.chosen
    }  # fmt: skip
    return dbt_build._build(project, ("model", "seed", "test"))


def let_it_add_up(city: SmallLake, by: int) -> None:
    with city.connect() as connection:
        connection.execute("UPDATE ops.delivery SET accepted = accepted + ? WHERE delivery_id = 'late'", [by])


def test_a_test_that_fails_is_told_by_dbt_until_what_it_found_is_mended(city: SmallLake) -> None:
    let_it_add_up(city, 1)
    first = build()
    let_it_add_up(city, 0)
    second = build()
    assert first.failed == second.failed == TOLD
    assert "data_quality_daily" in first.failed_marts & second.failed_marts
    let_it_add_up(city, -1)
    assert (build().failed, first.tests > 20) == ([], True)


def test_a_mart_is_not_fresh_of_which_a_test_could_not_be_asked(city: SmallLake) -> None:
    """Its departments are looked up in a table that failed, on which it does not stand."""
    with city.connect() as connection:
        connection.execute("ALTER TABLE ops.department DROP COLUMN steward")
    built = build()
    assert built.failed == ["int_departments (error)"]
    assert "data_quality_daily" in built.failed_marts
