"""Runs, builds and readers at the same time: each record once, each reader one whole edition."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cities import now
from cities.home import PROJECT
from lake import connect, connect_published, publish, published_file, sync_city, writer_lock
from tests.faults.books import assert_sound, drafts
from tests.faults.department import Department, lamp, request
from tests.faults.kills import Attempt, Ended
from tests.faults.office import INSPECTIONS, POSTS, REQUESTS, Office, morning

pytestmark = pytest.mark.usefixtures("forks")

A_DAY = 45
DAYS = 4


@pytest.fixture
def office(tmp_path: Path, department: Department) -> Iterator[Office]:
    office = Office.opened(tmp_path, department)
    yield office
    assert_sound(office.ask, office.home)
    assert drafts(office.home) == []


def add_a_day(office: Office, day: int) -> None:
    """Let the department have new records of every kind."""
    stamp = f"{morning(day):%Y-%m-%d}T05:{{:02}}:00-05:00"
    office.department.requests += [
        request(day * A_DAY + number, stamp.format(number)) for number in range(A_DAY)
    ]
    office.department.posts += [lamp(day * A_DAY + number) for number in range(A_DAY)]
    drop = office.home / "drops" / f"{day}.csv"
    drop.write_text("id,day,outcome\n" + "".join(f"{day}-{number},2026-10-20,pass\n" for number in range(A_DAY)))


def at_once(office: Office, *runs: tuple[str, datetime, str]) -> list[Ended]:
    """Start runs together and wait for all."""
    going = [Attempt.started(office, *run, None) for run in runs]
    return [one.end() for one in going]


def held(office: Office, kind: str, key: str) -> tuple[int, int]:
    """Return how many rows and how many records the lake has of a kind."""
    ((rows, records),) = office.ask(f"SELECT count(*), count(DISTINCT {key}) FROM records.{kind}")
    return rows, records


def test_two_runs_of_one_instant_bring_one_delivery(office: Office) -> None:
    for day in range(DAYS):
        add_a_day(office, day)
        one, other = at_once(office, *[(REQUESTS, morning(day), f"{name} {day}") for name in ("one", "other")])
        assert one.loaded and other.loaded, one.error or other.error
        assert sorted([one.loaded["already"], other.loaded["already"]]) == [False, True]
        assert {one.loaded["accepted"], other.loaded["accepted"]} == {A_DAY}
    assert held(office, "service_request", "request_id") == (DAYS * A_DAY, DAYS * A_DAY)
    assert office.ask("SELECT count(*) FROM ops.delivery") == [(DAYS,)]


def test_two_runs_of_two_instants_bring_each_record_once(office: Office) -> None:
    for day in range(DAYS):
        add_a_day(office, day)
        instants = morning(day), morning(day) + timedelta(minutes=1)
        for ended in at_once(office, *[(REQUESTS, instant, str(instant)) for instant in instants]):
            assert ended.loaded, ended.error
    assert held(office, "service_request", "request_id") == (DAYS * A_DAY, DAYS * A_DAY)
    assert office.ask("SELECT count(*) FROM ops.delivery") == [(2 * DAYS,)]


def test_two_runs_of_a_whole_file_never_let_the_older_one_win(office: Office) -> None:
    for day in range(DAYS):
        add_a_day(office, day)
        instants = morning(day), morning(day) + timedelta(minutes=1)
        older, newer = at_once(office, *[(POSTS, instant, str(instant)) for instant in instants])
        assert newer.loaded, newer.error
        assert older.loaded or "overtaken by" in str(older.error)
    assert held(office, "lamp_post", "lamp_post_id") == (DAYS * A_DAY, DAYS * A_DAY)
    assert office.ask("SELECT count(*) FROM records.lamp_post WHERE _op = 'D'") == [(0,)]


BUILD = """
from datetime import datetime
import sys
from dags import steps
print(steps.build(datetime.fromisoformat(sys.argv[1]), "build")["marts"])
"""


def test_feeds_load_beside_each_other_and_beside_a_build(office: Office) -> None:
    add_a_day(office, 0)
    at_once(office, *[(feed, morning(0), "first") for feed in (REQUESTS, POSTS, INSPECTIONS)])
    said = office.folder / "said.txt"
    # into a file: nobody reads a pipe while the loads wait for the build, which would wait until somebody does
    with said.open("w") as log:
        build = subprocess.Popen(
            [sys.executable, "-c", BUILD, morning(1).isoformat()], cwd=PROJECT,
            env=os.environ | office.environment(morning(1)), stdout=log, stderr=log,
        )  # fmt: skip
    for day in range(1, DAYS):
        add_a_day(office, day)
        for ended in at_once(office, *[(feed, morning(day), str(day)) for feed in (REQUESTS, POSTS, INSPECTIONS)]):
            assert ended.loaded, ended.error
    assert build.wait(timeout=600) == 0, said.read_text()[-3000:]
    for kind in ("service_request", "lamp_post", "inspection"):
        key = "request_id" if kind == "service_request" else f"{kind}_id"
        assert held(office, kind, key) == (DAYS * A_DAY, DAYS * A_DAY)
    with office.at(morning(DAYS)), connect_published(published_file()) as published:
        # marts and ledger are of one state of the lake, whichever of the days the build met
        told = published.execute(
            "SELECT sum(accepted) FROM ops.delivery WHERE contract = 'service_request' AND verdict = 'accepted'"
        ).fetchone()
        opened = published.execute("SELECT sum(opened_count) FROM marts.service_levels_daily").fetchone()
    assert told == opened


READER = """
import json, sys
from pathlib import Path
from lake import connect_published
seen = []
print("ready", flush=True)
while not Path(sys.argv[2]).exists():
    with connect_published(Path(sys.argv[1])) as published:
        one = published.execute("FROM marts.one").fetchone()[0]
        other = published.execute("SELECT max(value), count(*) FROM marts.other").fetchone()
    seen.append((one, *other))
print(json.dumps(seen))
"""
EDITIONS, ROWS = 12, 50_000


def test_a_reader_sees_one_whole_edition_while_the_next_ones_take_its_place(office: Office) -> None:
    stop = office.home / "stop"
    with office.at(morning(0)):
        publish_edition(office, 0)
        reader = subprocess.Popen(
            [sys.executable, "-c", READER, str(published_file()), str(stop)], cwd=PROJECT, text=True,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        assert reader.stdout is not None and reader.stdout.readline() == "ready\n"
        for edition in range(1, EDITIONS):
            publish_edition(office, edition)
    stop.touch()
    seen = json.loads(reader.communicate(timeout=300)[0])
    assert reader.returncode == 0
    assert {(one == other, rows) for one, other, rows in seen} == {(True, ROWS)}
    assert len({one for one, *_ in seen}) >= EDITIONS // 2, "the reader met too few editions"


def publish_edition(office: Office, edition: int) -> None:
    if edition == 0:
        sync_city(office.city, now())
    with writer_lock():
        with connect() as connection:
            connection.execute(f"CREATE OR REPLACE TABLE marts.one AS SELECT {edition} AS value")
            connection.execute(f"CREATE OR REPLACE TABLE marts.other AS SELECT {edition} AS value FROM range({ROWS})")
        publish(fresh={"one", "other"})
