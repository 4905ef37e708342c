"""Lakes for the dbt project: an invented city of two areas, the same with namesakes, and Chicago's real records."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.dbt_project import chicago, namesakes, riverside
from tests.dbt_project.small_lake import HAND_WRITTEN, NO_UNIT_TESTS, SmallLake, failed, new_lake
from tests.made_once import copy_to


@pytest.fixture(scope="session")
def first_build(tmp_path_factory: pytest.TempPathFactory) -> tuple[SmallLake, dict[str, str]]:
    """The invented city after one build with all tests, unit tests too, and how each node of that build ended."""

    def make(home: Path) -> None:
        small = new_lake(home)
        riverside.write(small)
        (home / "outcome.json").write_text(json.dumps(small.dbt("build")))

    home = copy_to(tmp_path_factory.mktemp("riverside") / "home", "riverside", make, tmp_path_factory)
    return SmallLake(home), json.loads((home / "outcome.json").read_text())


@pytest.fixture(scope="session")
def built(first_build: tuple[SmallLake, dict[str, str]]) -> SmallLake:
    """The invented city after one build in which everything came through."""
    small, outcome = first_build
    assert failed(outcome) == {}
    return small


@pytest.fixture(scope="session")
def with_namesakes(tmp_path_factory: pytest.TempPathFactory) -> SmallLake:
    """The invented city in which other feeds use the same numbers, after one build with all data tests."""

    def make(home: Path) -> None:
        small = new_lake(home)
        riverside.write(small)
        namesakes.write(small)
        assert failed(small.dbt("build", *NO_UNIT_TESTS)) == {}

    return SmallLake(copy_to(tmp_path_factory.mktemp("namesakes") / "home", "namesakes", make, tmp_path_factory))


@pytest.fixture(scope="session")
def real_city(tmp_path_factory: pytest.TempPathFactory, public_data: Path) -> SmallLake:
    """Chicago 2011-2014 after one build with the hand-written data tests."""

    def make(home: Path) -> None:
        small = new_lake(home)
        chicago.write(small, public_data / "chicago")
        assert failed(small.dbt("build", *HAND_WRITTEN)) == {}

    return SmallLake(copy_to(tmp_path_factory.mktemp("chicago") / "home", "chicago", make, tmp_path_factory))
