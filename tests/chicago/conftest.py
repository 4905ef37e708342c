"""Chicago's own DAGs, run once against the replayed portal."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cities.home import PROJECT
from lake import connect, connect_published, published_file
from tests.chicago.replay import serving

PORTALS = ("https://data.cityofchicago.org", "https://311api.cityofchicago.org")
POPULATION = "population_estimates_by_community_area_1999_2011.csv"


@pytest.fixture(scope="session")
def chicago(tmp_path_factory: pytest.TempPathFactory, public_data: Path) -> Iterator[Path]:
    """Run `civiclake run` for Chicago and return its home."""
    home = tmp_path_factory.mktemp("chicago")
    (home / "drops" / "health").mkdir(parents=True)
    shutil.copy2(public_data / "chicago" / POPULATION, home / "drops" / "health")
    with serving(public_data / "chicago") as (address, _):
        environment = os.environ | {
            "CIVICLAKE_HOME": str(home),
            "CIVICLAKE_CITY": "chicago",
            "CIVICLAKE_ORIGINS": " ".join(f"{portal}={address}" for portal in PORTALS),
        }
        run = subprocess.run(
            [sys.executable, "-m", "civiclake", "run"], cwd=PROJECT, env=environment, capture_output=True, text=True
        )
    assert run.returncode == 0, run.stderr
    yield home


@pytest.fixture
def ask(chicago: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Ask the published marts in SQL."""
    monkeypatch.setenv("CIVICLAKE_HOME", str(chicago))

    def rows(sql: str) -> list[tuple[Any, ...]]:
        with connect_published(published_file()) as connection:
            return connection.execute(sql).fetchall()

    return rows


@pytest.fixture
def ask_lake(chicago: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Ask the lake itself, facts included."""
    monkeypatch.setenv("CIVICLAKE_HOME", str(chicago))

    def rows(sql: str) -> list[tuple[Any, ...]]:
        with connect() as connection:
            return connection.execute(sql).fetchall()

    return rows
