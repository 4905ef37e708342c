"""The project as written: described, defined once, deterministic, silent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from dags.dbt_build import DBT_PROJECT
from tests.dbt_project.small_lake import SmallLake

HAND_WRITTEN = ("intermediate", "marts")
SQL = [file for layer in HAND_WRITTEN for file in sorted((DBT_PROJECT / "models" / layer).rglob("*.sql"))]
MODELS = {
    model["name"]: model
    for layer in HAND_WRITTEN
    for file in (DBT_PROJECT / "models" / layer).rglob("*.yml")
    for model in yaml.safe_load(file.read_text())["models"]
}
UNIT_TESTS = {
    test["name"]
    for file in (DBT_PROJECT / "models").rglob("*.yml")
    for test in yaml.safe_load(file.read_text()).get("unit_tests", [])
}


def test_every_unit_test_of_dbt_is_run_here(first_build: tuple[SmallLake, dict[str, str]]) -> None:
    """The build of every morning leaves them out."""
    assert UNIT_TESTS
    assert {name: first_build[1].get(name) for name in UNIT_TESTS} == dict.fromkeys(UNIT_TESTS, "pass")


def test_every_model_is_described() -> None:
    assert {file.stem for file in SQL} == set(MODELS)


@pytest.mark.parametrize("name", MODELS)
def test_a_description_states_the_grain(name: str) -> None:
    assert "One row for each" in MODELS[name]["description"]


@pytest.mark.parametrize("name", MODELS)
def test_every_column_is_described_and_every_description_has_its_column(built: SmallLake, name: str) -> None:
    columns = {column for (column,) in built.rows(
        f"SELECT column_name FROM duckdb_columns() WHERE database_name = 'lake' AND table_name = '{name}'"
    )}  # fmt: skip
    assert columns == {column["name"] for column in MODELS[name]["columns"] if column["description"]}


def test_a_model_that_shows_residents_says_whether_another_years_count_stands_in_for_them() -> None:
    columns = {name: {column["name"] for column in model["columns"]} for name, model in MODELS.items()}
    showing = {name for name, told in columns.items() if {"population", "population_year"} <= told}
    assert len(showing) > 4
    assert {name for name in showing if "population_is_estimated" not in columns[name]} == set()


@pytest.mark.parametrize("file", SQL, ids=lambda file: file.stem)
def test_no_model_reads_the_wall_clock_or_knows_a_city(file: Path) -> None:
    sql = file.read_text().lower()
    assert not re.search(r"\bnow\(\)|current_date|current_timestamp|today\(\)|\brandom\(|chicago|riverbend", sql)


def test_dbt_writes_with_one_thread_and_calls_nobody() -> None:
    profile = yaml.safe_load((DBT_PROJECT / "profiles.yml").read_text())["civiclake"]["outputs"]["lake"]
    assert profile["threads"] == 1
    assert not profile["config_options"]["autoinstall_known_extensions"]
    assert not profile["config_options"]["autoload_known_extensions"]
    assert not yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text())["flags"]["send_anonymous_usage_stats"]
