"""Lakes for the dbt project: an invented city of two areas, and Chicago's real records."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dbt_project import chicago, riverside
from tests.dbt_project.small_lake import HAND_WRITTEN, SmallLake, failed, new_lake


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> SmallLake:
    """The invented city after one build with all tests."""
    small = new_lake(tmp_path_factory.mktemp("riverside"))
    riverside.write(small)
    assert failed(small.dbt("build")) == {}
    return small


@pytest.fixture(scope="session")
def real_city(tmp_path_factory: pytest.TempPathFactory, public_data: Path) -> SmallLake:
    """Chicago 2011-2014 after one build with the hand-written data tests."""
    small = new_lake(tmp_path_factory.mktemp("chicago"))
    chicago.write(small, public_data / "chicago")
    assert failed(small.dbt("build", *HAND_WRITTEN)) == {}
    return small
