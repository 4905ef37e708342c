"""What every test stands on: a home of its own, and no telemetry."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

# before any library that asks for it: nothing of a test run may touch the user's home or the network
os.environ["DO_NOT_TRACK"] = "1"
if "AIRFLOW_HOME" not in os.environ:
    os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="civiclake-airflow-")
    atexit.register(shutil.rmtree, os.environ["AIRFLOW_HOME"], ignore_errors=True)

TESTS = Path(__file__).resolve().parent
PUBLIC_DATA = TESTS.parents[1] / "shared" / "data"
CHROMIUM = Path("/usr/bin/chromium")

settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")

LONGEST_FIRST = ("story", "chicago", "faults", "civiclake", "dbt_project", "docs", "lake")
"""The folders with files that take longest."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker is left with it at the end."""

    def rank(item: pytest.Item) -> int:
        folder = item.path.relative_to(TESTS).parts[0]
        return LONGEST_FIRST.index(folder) if folder in LONGEST_FIRST else len(LONGEST_FIRST)

    items.sort(key=rank)


@pytest.fixture(autouse=True)
def lake_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a `CIVICLAKE_HOME` of its own and no setting from outside."""
    for name in [name for name in os.environ if name.startswith("CIVICLAKE_")]:
        monkeypatch.delenv(name)
    place = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("CIVICLAKE_HOME", str(place))
    return place


@pytest.fixture(scope="session")
def public_data() -> Path:
    """The folder of real public data beside the project, where it is there."""
    if not PUBLIC_DATA.is_dir():
        pytest.skip(f"no public data at {PUBLIC_DATA}")
    return PUBLIC_DATA


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a process, which can have no second one beside it."""
    if not CHROMIUM.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{CHROMIUM} is not installed: apt install chromium")
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield started
        started.close()
