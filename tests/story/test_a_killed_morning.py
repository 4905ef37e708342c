"""Whenever the morning is killed, running it again gives the same marts."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.mornings import SMALL, after_first_morning
from tests.story.office import Office

KILLED_AFTER = [
    ("buildings__permits: fetch done", 0.0),
    ("buildings__permits: check done", 0.0),
    ("buildings__permits: check done", 0.15),
    ("buildings__permits: load done", 0.0),
    ("fire__calls: check done", 0.1),
    ("hotline__requests: fetch done", 0.2),
    ("lighting__observations: check done", 0.1),
    ("voice__forum: load done", 0.0),
    ("voice__forum: load done", 4.0),
    ("build done", 0.0),
]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = Office(after_first_morning(tmp_path_factory, tmp_path_factory.mktemp("undisturbed") / "home"))
    assert office.do(*SMALL).returncode == 0
    return office


def kill_after(office: Office, line: str, pause: float) -> None:
    """Start the morning and kill all of it, the departments' systems too, a moment after it said a line."""
    morning = office.start(*SMALL)
    assert morning.stderr is not None
    said = next((told for told in morning.stderr if told.startswith(line)), None)
    assert said, f"the morning ended before {line!r}"
    time.sleep(pause)
    os.killpg(morning.pid, signal.SIGKILL)
    assert morning.wait() == -signal.SIGKILL


def test_a_morning_killed_ten_times_ends_like_one_that_was_not(
    undisturbed: Office, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    office = Office(after_first_morning(tmp_path_factory, tmp_path / "home"))
    for line, pause in KILLED_AFTER:
        kill_after(office, line, pause)
    again = office.do(*SMALL, "--day", "1")
    assert again.returncode == 0, again.stderr
    marts, expected = office.marts_in_any_order_of_loads(), undisturbed.marts_in_any_order_of_loads()
    assert [mart for mart, rows in marts.items() if rows != expected[mart]] == []
    # the systems stood on another port, which their answers name: other bytes, the same records
    ledger = "SELECT * EXCLUDE (run_id, sha256, bytes, loaded_at) FROM ops.delivery ORDER BY feed, delivery_id"
    assert office.ask(ledger) == undisturbed.ask(ledger)
    drafts = [path for path in office.home.rglob("*") if ".draft" in path.suffixes or path.name.startswith(".2")]
    assert drafts == []


def test_the_same_morning_again_changes_nothing(undisturbed: Office) -> None:
    before, ledger = undisturbed.marts(), undisturbed.ask("FROM ops.delivery ORDER BY ALL")
    again = undisturbed.do(*SMALL, "--day", "1")
    assert again.returncode == 0, again.stderr
    assert undisturbed.marts() == before
    assert undisturbed.ask("FROM ops.delivery ORDER BY ALL") == ledger
