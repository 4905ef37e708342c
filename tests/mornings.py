"""A small first morning of the sandbox city, run once for the whole test run: whoever wants one gets a copy."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path

import pytest

from tests.story.office import Office

SMALL = ("demo", "--scale", "0.1")


def after_first_morning(folders: pytest.TempPathFactory, home: Path) -> Path:
    """Put a copy of the home of an office after its first small morning at `home`, and return it."""
    of_run = folders.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        of_run = of_run.parent
    made = of_run / "first-morning"
    with (of_run / "first-morning.lock").open("w") as lock:
        # the workers of a test run are processes of their own
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            office = Office(of_run / "first-morning.draft")
            morning = office.do(*SMALL)
            assert morning.returncode == 0, morning.stderr
            office.home.rename(made)
    shutil.copytree(made, home, symlinks=True)
    return home
