"""A small first morning of the sandbox city."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.made_once import copy_to
from tests.story.office import Office

SMALL = ("demo", "--scale", "0.1")


def after_first_morning(folders: pytest.TempPathFactory, home: Path) -> Path:
    """Make a folder the home of an office after its first small morning, and return it."""
    return copy_to(home, "first-morning", _first_morning, folders)


def _first_morning(home: Path) -> None:
    morning = Office(home).do(*SMALL)
    assert morning.returncode == 0, morning.stderr
