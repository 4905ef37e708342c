"""A catalogue that goes away: before a run, in the middle of a commit, or for good."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cities.home import PROJECT
from dags import steps
from lake import LakeUnreachable, load
from tests.faults.books import age, assert_sound, drafts, orphans
from tests.faults.cluster import Cluster, free_port, running
from tests.faults.department import Department, request
from tests.faults.kills import Aim, Ended, attempt
from tests.faults.office import BY_CURSOR, REQUESTS, Office, morning

pytestmark = pytest.mark.usefixtures("forks")

RESTARTS, ENDED_SESSIONS = 20, 10
A_DAY = 12
PASSWORD = "open-sesame"


@pytest.fixture
def office(tmp_path: Path, department: Department) -> Office:
    return Office.opened(tmp_path, department)


@pytest.fixture(scope="module")
def running_cluster() -> Iterator[Cluster]:
    with running() as cluster:
        yield cluster


@pytest.fixture
def cluster(running_cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    monkeypatch.setenv("CIVICLAKE_CATALOGUE", running_cluster.address)
    return running_cluster


def add_a_day(department: Department, day: int) -> None:
    department.requests += [
        request(day * A_DAY + number, f"{morning(day):%Y-%m-%d}T05:{number:02}:00-05:00") for number in range(A_DAY)
    ]


def struck(office: Office, day: int, aim: Aim, cluster: Cluster, restarts: bool) -> Ended:
    """Do a day's run while the server is stopped, or its sessions are ended, somewhere in it."""
    strike = cluster.stop if restarts else cluster.end_sessions
    # now and then DuckDB aborts a process whose session with the catalogue is gone
    ended = attempt(office, REQUESTS, morning(day), f"run of day {day}", aim, strike, stops=(-signal.SIGABRT,))
    if restarts:
        cluster.start()
    return ended


def test_a_server_that_stops_in_the_middle_of_loads_costs_nothing(
    office: Office, department: Department, cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(7)
    add_a_day(department, 0)
    assert attempt(office, REQUESTS, morning(0)).loaded
    failed: Counter[str] = Counter()
    planned, day = RESTARTS + ENDED_SESSIONS, 0
    while day < planned or failed["COMMIT"] < 2:
        day += 1
        assert day <= 2 * planned, f"too few loads met the end of their session in the commit: {dict(failed)}"
        add_a_day(department, day)
        place = chance.choice(["COMMIT"] * 5 + ["BEGIN", "INSERT INTO lake.records.service_request", "COMMITTED"])
        aim = Aim(("load", place), after=chance.uniform(0, 0.05))
        ended = struck(office, day, aim, cluster, restarts=day <= RESTARTS)
        if ended.error:
            assert ended.error.startswith("LakeUnreachable: "), ended.error
            assert "the catalogue" in ended.error and "run again" in ended.error and PASSWORD not in ended.error
            failed[ended.last[1]] += 1
        elif ended.was_killed:
            failed[ended.last[1]] += 1
        again = attempt(office, REQUESTS, morning(day), f"run of day {day}")
        assert again.loaded and again.loaded["received"] in (A_DAY, A_DAY + 1), again.error
        assert_sound(office.ask, office.home)
    with capsys.disabled():
        print(f"\n{RESTARTS} restarts, {day - RESTARTS} times sessions ended; loads that failed: {dict(failed)}")
    sent = (day + 1) * A_DAY
    held = office.ask("SELECT count(*), count(DISTINCT request_id) FROM records.service_request")
    assert held == [(sent, sent)]
    assert drafts(office.home) == []
    left = orphans(office.ask)
    age(left)
    with office.at(morning(0)):
        steps.maintain()
    assert orphans(office.ask) == []
    print(f"{len(left)} files that no snapshot knew were removed")


def refusing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the catalogue be a server that nobody started."""
    monkeypatch.setenv("CIVICLAKE_CATALOGUE", f"postgresql://civiclake:{PASSWORD}@127.0.0.1:{free_port()}/postgres")


def test_a_run_without_its_catalogue_says_which_and_asks_no_department(
    office: Office, department: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_a_day(department, 0)
    refusing(monkeypatch)
    with pytest.raises(LakeUnreachable, match="catalogue postgresql://civiclake@.* cannot be used .*refused") as told:
        office.bring(REQUESTS, 0)
    assert PASSWORD not in str(told.value)
    assert department.server.calls == []
    monkeypatch.delenv("CIVICLAKE_CATALOGUE")
    assert office.bring(REQUESTS, 0)["accepted"] == A_DAY


@pytest.mark.parametrize("words", [("status",), ("run", "streets", "--collect-only")], ids=" ".join)
def test_the_command_line_without_its_catalogue_does_not_start(
    office: Office, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    refusing(monkeypatch)
    told = subprocess.run(
        [sys.executable, "-m", "civiclake", *words], cwd=PROJECT, capture_output=True, text=True,
        env=os.environ | office.environment(morning(0)),
    )  # fmt: skip
    assert told.returncode == 2
    assert told.stderr.startswith("the lake cannot be opened: the catalogue postgresql://civiclake@")
    assert len(told.stderr.splitlines()) == 1 and PASSWORD not in told.stderr


HOLDER = """
import sqlite3, sys
catalogue = sqlite3.connect(sys.argv[1], isolation_level=None)
catalogue.execute("BEGIN IMMEDIATE")
print("held", flush=True)
input()
"""


@contextmanager
def locked(catalogue: Path) -> Iterator[None]:
    """Let another program be in the middle of writing to a SQLite file."""
    command = [sys.executable, "-c", HOLDER, str(catalogue)]
    with subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        try:
            yield
        finally:
            holder.kill()


def test_a_catalogue_that_another_program_locks_is_waited_for_and_then_named(
    office: Office, department: Department
) -> None:
    add_a_day(department, 0)
    with office.at(morning(0)):
        place = steps.check_feed(REQUESTS, steps.fetch_feed(REQUESTS, morning(0), "run", BY_CURSOR), "run")
        with (
            locked(office.home / "lake" / "catalogue.sqlite"),
            pytest.raises(LakeUnreachable, match="catalogue.sqlite is locked by another program; end that"),
        ):
            load(Path(place), REQUESTS, office.city.feeds[REQUESTS], run_id="run")
    assert office.ask("SELECT count(*) FROM ops.delivery") == [(0,)]
    assert office.bring(REQUESTS, 0)["accepted"] == A_DAY
    assert_sound(office.ask, office.home)


def test_files_whose_catalogue_is_gone_are_not_taken_for_a_new_lake(office: Office, department: Department) -> None:
    add_a_day(department, 0)
    assert attempt(office, REQUESTS, morning(0)).loaded
    catalogue, kept = office.home / "lake" / "catalogue.sqlite", office.home / "kept"
    catalogue.rename(kept)
    add_a_day(department, 1)
    ended = attempt(office, REQUESTS, morning(1))
    assert ended.error and "catalogue.sqlite is empty or missing" in ended.error and "back-up" in ended.error
    kept.replace(catalogue)
    assert attempt(office, REQUESTS, morning(1)).loaded
    assert office.ask("SELECT count(*) FROM records.service_request") == [(2 * A_DAY,)]
