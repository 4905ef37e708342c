"""`civiclake` in this process, as a person at an office would use it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from civiclake.cli import commands

Run = Callable[..., Result]


def civiclake(*words: str) -> Result:
    """Run the command with these words."""
    return CliRunner().invoke(commands, words, prog_name="civiclake")


def at_office(monkeypatch: pytest.MonkeyPatch, made: Path, home: Path, now: datetime) -> Run:
    """Return the command at an instant, in a home that is a copy of one made before."""
    shutil.copytree(made, home, dirs_exist_ok=True)
    monkeypatch.setenv("CIVICLAKE_NOW", now.isoformat())
    monkeypatch.setenv("LOGNAME", "tester")
    return civiclake
