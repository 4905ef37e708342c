"""After any loads, what a build brought up to date is what a build from nothing says, to the last row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dags import dbt_build
from dags.build_plan import ancestors
from tests.dbt_project import namesakes, riverside
from tests.dbt_project.random_loads import RandomLoads
from tests.dbt_project.small_lake import SmallLake, new_lake


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where dbt keeps what it read of the project: reading all of it takes longer than a small build."""
    return tmp_path_factory.mktemp("target")


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallLake]:
    """The invented city with its namesakes, of which nothing was built."""
    monkeypatch.setenv("CIVICLAKE_HOME", str(tmp_path))
    small = new_lake(tmp_path)
    riverside.write(small)
    namesakes.write(small)
    promise(small)
    yield small


def promise(small: SmallLake) -> None:
    """Let feeds of the random loads say what they bring: without a promise no slice of them is looked at."""
    promises = {"service_request": ("requested_at", "channel"), "permit": ("issued_date", "status")}
    for contract, (dated, filled) in promises.items():
        feed = f"streets__{contract}"
        small.add("ops.feed", {"feed": feed, "department": "streets", "contract": contract})
        small.add("ops.coverage", {"feed": feed, "period": "day", "field": dated, "area_code": "W"})
        small.add("ops.promised_field", {"feed": feed, "field": filled})


def build(target: Path, full_refresh: bool = False) -> dbt_build.DbtResult:
    """Build the tables of which not all is built, what they stand on and what stands right on them; no tests."""
    project = dbt_build._parse(target)
    nodes = project.manifest.nodes
    in_part = {name for name, node in nodes.items() if {"parts", "about"} & node.config.meta.keys()}
    above = ancestors(project.manifest)
    readers = {name for name, node in nodes.items() if in_part & {*node.depends_on_nodes}}
    project.chosen = in_part.union(*(above[name] for name in in_part)) | {
        name for name in readers if above[name] & nodes.keys() <= in_part.union(*(above[one] for one in in_part))
    }
    return dbt_build._build(project, ("model", "seed"), full_refresh)


def differences(small: SmallLake, target: Path) -> dict[str, tuple[int, int]]:
    """Build from nothing and return the tables that say something else than before: rows gone, and rows come."""
    [(before,)] = small.rows("FROM lake.current_snapshot()")
    assert build(target, full_refresh=True).failed == []
    tables = small.rows(
        """SELECT schema_name || '.' || table_name FROM duckdb_tables()
        WHERE database_name = 'lake' AND schema_name IN ('staging', 'intermediate', 'marts')"""
    )
    found = {}
    for (table,) in tables:
        old, new = f"FROM {table} AT (VERSION => {before})", f"FROM {table}"
        [counts] = small.rows(
            f"SELECT (SELECT count(*) FROM ({old} EXCEPT ALL {new})), (SELECT count(*) FROM ({new} EXCEPT ALL {old}))"
        )
        if counts != (0, 0):
            found[table] = counts
    return found


@pytest.mark.parametrize("seed", range(3))
def test_any_loads_leave_what_a_build_from_nothing_says(city: SmallLake, target: Path, seed: int) -> None:
    assert build(target).failed == []
    chance = RandomLoads(city, seed)
    for _ in range(4):
        chance.anything()
        assert build(target).failed == []
    assert differences(city, target) == {}
