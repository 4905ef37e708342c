"""Several processes at once, and processes and sessions that end in the middle: nothing lost, nothing twice."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from cities.home import PROJECT
from lake import load, prepare, writer_lock
from tests.lake.conftest import Office
from tests.postgresql import end_sessions

FEED = "streets__requests"
Record = Callable[..., dict[str, Any]]

HOLDER = """
from lake import connect, writer_lock
with writer_lock(), connect() as connection:
    connection.begin()
    connection.execute("UPDATE ops.head_service_request SET seq = 99")
    print("held", flush=True)
    input()
"""


@pytest.fixture(autouse=True)
def morning(office: Office) -> None:
    office.at("2026-10-26T11:42:00+00:00")


@pytest.fixture
def deliveries(office: Office, request_record: Record) -> list[Path]:
    """Eight deliveries of four records each, of which three were in the one before: eleven records in all."""
    places = []
    for number in range(8):
        office.drop("requests", [request_record(number + further) for further in range(4)])
        places.append(office.keep("requests", f"d{number}"))
    return places


class Loader:
    """A process that loads deliveries once it is told to go."""

    def __init__(self, office: Office, places: list[Path]) -> None:
        command = [sys.executable, "-m", "tests.lake.loader", str(office.folder / "city"), FEED, *map(str, places)]
        self.process = subprocess.Popen(
            command, cwd=PROJECT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def await_ready(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def told(self) -> dict[str, Any]:
        out, error = self.process.communicate(timeout=300)
        assert self.process.returncode == 0, error
        return dict(json.loads(out))


def run_at_once(*loaders: Loader) -> list[dict[str, Any]]:
    for loader in loaders:
        loader.await_ready()
    for loader in loaders:
        loader.go()
    return [loader.told() for loader in loaders]


def assert_all_once(office: Office) -> None:
    """The eight deliveries are in the lake exactly once: their ledger rows, their records, their instants."""
    ledger = office.ask(
        """SELECT count(*), count(DISTINCT delivery_id), count(DISTINCT loaded_at), sum(accepted),
            bool_and(received = accepted + unchanged + duplicate + set_aside) FROM ops.delivery"""
    )
    assert ledger == [(8, 8, 8, 11, True)]
    records = "SELECT count(*), count(DISTINCT request_id) FROM records.service_request"
    assert office.ask(records) == [(11, 11)]
    of_each = "SELECT _delivery_id, count(DISTINCT _loaded_at), count(*) FROM records.service_request GROUP BY ALL"
    accepted = "SELECT delivery_id, 1, accepted FROM ops.delivery WHERE accepted > 0"
    assert sorted(office.ask(of_each)) == sorted(office.ask(accepted))
    assert office.ask("SELECT seq FROM ops.head_service_request") == [(8,)]


def test_two_processes_load_different_deliveries_into_an_empty_lake(office: Office, deliveries: list[Path]) -> None:
    told = run_at_once(Loader(office, deliveries[::2]), Loader(office, deliveries[1::2]))
    assert [one["failures"] for one in told] == [0, 0]
    assert_all_once(office)


def test_two_processes_load_the_same_deliveries(office: Office, deliveries: list[Path]) -> None:
    told = run_at_once(Loader(office, deliveries), Loader(office, deliveries))
    assert [one["failures"] for one in told] == [0, 0]
    pairs = zip(told[0]["loads"], told[1]["loads"], strict=True)
    assert [sorted((one["already"], other["already"])) for one, other in pairs] == [[False, True]] * 8
    assert_all_once(office)


def test_the_fence_holds_where_the_lock_was_lost(
    office: Office, deliveries: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A PostgreSQL session can end while its process goes on: two writers may then meet."""
    prepare()
    monkeypatch.setenv("WITHOUT_LOCK", "1")
    told = run_at_once(Loader(office, deliveries), Loader(office, deliveries))
    assert sum(one["failures"] for one in told) > 0, "they never met"
    assert_all_once(office)


def test_a_killed_writer_frees_the_lock_and_leaves_nothing(office: Office, deliveries: list[Path]) -> None:
    prepare()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER], cwd=PROJECT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    taken = Event()
    Thread(target=_take, args=(taken,), daemon=True).start()
    assert not taken.wait(0.5), "two held the writer lock at once"
    holder.kill()
    assert taken.wait(5), "the lock of a killed process was not freed"
    holder.communicate()
    for place in deliveries:
        load(place, FEED, office.city.feeds[FEED], run_id="test")
    assert_all_once(office)


def _take(taken: Event) -> None:
    with writer_lock():
        taken.set()


@pytest.mark.parametrize("catalogue", ["postgresql"], indirect=True)
def test_loads_whose_sessions_are_ended_come_through_when_they_are_run_again(
    office: Office, deliveries: list[Path], catalogue: str
) -> None:
    loader = Loader(office, deliveries)
    loader.await_ready()
    loader.go()
    for _ in range(12):
        time.sleep(0.25)
        end_sessions(catalogue)
    loader.process.wait(300)
    # now and then DuckDB aborts a process whose session with the catalogue is gone
    if loader.process.returncode == -signal.SIGABRT:
        loader.process.communicate()
        run_at_once(Loader(office, deliveries))
    else:
        assert loader.told()["failures"] > 0, "no load met the end of its session"
    assert_all_once(office)
