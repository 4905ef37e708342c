"""What takes long to make is made once in a test run, by whichever worker comes first: who wants it gets a copy."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def copy_to(place: Path, name: str, make: Callable[[Path], None], folders: pytest.TempPathFactory) -> Path:
    """Put a copy of the folder that `make` fills at a place, and return it; what it holds must not name its place."""
    of_run = folders.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        of_run = of_run.parent
    made = of_run / f"once-{name}"
    with made.with_suffix(".lock").open("w") as lock:
        # the workers of a test run are processes of their own
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            draft = made.with_suffix(".draft")
            draft.mkdir()
            make(draft)
            draft.rename(made)
    shutil.copytree(made, place, symlinks=True)
    return place
