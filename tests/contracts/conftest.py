from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contracts.city import Office


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CIVICLAKE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CIVICLAKE_PSEUDONYM_KEY", "a key for tests")


@pytest.fixture
def office(tmp_path: Path) -> Callable[..., Office]:
    """Make a data office whose feed has the terms given."""
    return lambda **feed: Office(tmp_path / "office", **feed)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judge every page in a batch of its own."""
    monkeypatch.setattr("contracts.pages.batches.MOST_BYTES", 1)
