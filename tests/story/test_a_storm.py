"""The sandbox city's storm, watched every five minutes from its systems to the alerts."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from cities import read_city
from dags import watching
from dags.dbt_build import run_selected
from lake import connect, writer_lock
from lake.alert_answers import answer
from reports.alert_message import CAP
from sandbox.clock import now_on
from sandbox.departments import fire
from sandbox.departments.storm import COMING
from sandbox.server import SandboxServer, running
from sandbox.world import World

SEED, SCALE = 7, 0.1
CYCLE = timedelta(minutes=5)
FIRST = 290
"""Minutes of the storm before the first cycle: in the cycles that follow three calls wait too long, two at the end."""

CYCLES = int(os.environ.get("WATCHED_CYCLES", "4"))
STANDARD = {"Fire": 6.4, "Medical": 8.0, "Rescue": 8.0, "Alarm": 12.0}


class Storm:
    """Runs cycles while the storm goes on."""

    def __init__(self, server: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> None:
        self.server, self.monkeypatch = server, monkeypatch
        self.instants: list[datetime] = []

    def cycle(self, number: int) -> dict[str, Any]:
        """Let the city's systems and the clock be at a cycle, and run it."""
        instant = COMING.start + timedelta(minutes=FIRST) + number * CYCLE
        self.server.move(COMING.day, int((instant - now_on(COMING.day)).total_seconds()) // 60)
        self.monkeypatch.setenv("CIVICLAKE_NOW", (instant + timedelta(seconds=20)).isoformat())
        self.instants.append(instant)
        watching.collect(instant, f"cycle {number}")
        return self.detect(number)

    def detect(self, number: int) -> dict[str, Any]:
        return watching.detect(self.instants[number], f"cycle {number}")

    def waiting(self, number: int) -> set[str]:
        """Return the calls of priority 1 that in truth wait twice their standard at a cycle."""
        now = self.instants[number]
        units: dict[str, list[Any]] = {}
        for unit in fire.calls(World(SEED, SCALE, COMING.day + 1)):
            if now - timedelta(hours=24) < unit.known_at <= now:
                units.setdefault(unit.incident, []).append(unit)
        return {
            name
            for name, sent in units.items()
            if sent[0].priority == 1
            and not any(unit.on_scene_at and unit.on_scene_at <= now for unit in sent)
            and now - sent[0].known_at >= 2 * timedelta(minutes=STANDARD[sent[0].call_type])
            and not all(unit.cleared_at <= now for unit in sent)
        }


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("storm")


@pytest.fixture(scope="module")
def storm(home: Path) -> Iterator[Storm]:
    with pytest.MonkeyPatch.context() as environment, running(SEED, SCALE, COMING.day) as server:
        environment.setenv("CIVICLAKE_HOME", str(home))
        environment.setenv("CIVICLAKE_CITY", "sandbox")
        environment.setenv("CIVICLAKE_ORIGINS", f"http://127.0.0.1:8765={server.url}")
        storm = Storm(server, environment)
        for number in range(CYCLES):
            storm.cycle(number)
        yield storm


@pytest.fixture(autouse=True)
def at_home(storm: Storm, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each test look at the lake of the storm."""
    monkeypatch.setenv("CIVICLAKE_HOME", str(home))
    monkeypatch.setenv("CIVICLAKE_CITY", "sandbox")
    monkeypatch.setenv("CIVICLAKE_ORIGINS", f"http://127.0.0.1:8765={storm.server.url}")
    monkeypatch.setenv("CIVICLAKE_NOW", (storm.instants[-1] + timedelta(seconds=50)).isoformat())


def ask(sql: str) -> list[tuple[Any, ...]]:
    with connect() as connection:
        return connection.execute(sql).fetchall()


def everything() -> list[list[tuple[Any, ...]]]:
    tables = ("ops.alert_message", "ops.alert_delivery", "ops.alert_event", "(SELECT alert_id, state FROM ops.alert)")
    return [ask(f"FROM {table} ORDER BY ALL") for table in tables]


def test_every_call_that_waits_too_long_is_an_alert_and_no_other(storm: Storm) -> None:
    truth = set.union(*(storm.waiting(number) for number in range(CYCLES)))
    assert truth
    raised = Counter(subject for (subject,) in ask("SELECT subject FROM ops.alert WHERE rule = 'no_unit_on_scene'"))
    assert raised == Counter(truth)


def test_they_are_detected_within_two_cycles() -> None:
    late = ask("SELECT subject FROM ops.alert WHERE raised_at > onset_at + INTERVAL 10 MINUTE AND raised_at > ("
               "SELECT min(raised_at) FROM ops.alert)")  # fmt: skip
    assert late == []


def test_running_a_cycle_again_raises_nothing_and_sends_nothing_twice(storm: Storm) -> None:
    before = everything()
    for _ in range(3):
        done = storm.detect(CYCLES - 1)
        assert (done["raised"], done["escalated"], done["ended"]) == (0, 0, 0)
    assert storm.detect(0)["is_overtaken"]
    assert before == everything()


def test_every_message_is_written_as_an_exercise(home: Path) -> None:
    sent = watching.send("send")["sent"]
    files = list((home / "alerts").glob("*.xml"))
    assert sent == len(files) == len(ask("FROM ops.alert_message"))
    assert {ElementTree.parse(file).findtext(f"{{{CAP}}}status") for file in files} == {"Exercise"}
    assert watching.send("again") == {"sent": 0}


def test_a_source_that_fails_does_not_stop_the_others_and_is_told_after_three_cycles(
    storm: Storm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a call that nobody acknowledged is escalated in the same cycles; one whose feed is silent does not end."""
    [(alert_id,)] = ask(
        """SELECT alert_id FROM ops.alert WHERE rule = 'no_unit_on_scene' AND ended_at IS NULL
        ORDER BY raised_at DESC, alert_id DESC LIMIT 1"""
    )
    [(other,)] = ask("SELECT alert_id FROM ops.alert WHERE ended_at IS NULL ORDER BY raised_at, alert_id LIMIT 1")
    answer(read_city("sandbox"), other, "acknowledged", "tester")
    origins = os.environ["CIVICLAKE_ORIGINS"]
    monkeypatch.setenv("CIVICLAKE_ORIGINS", f"http://127.0.0.1:8765/fire=http://127.0.0.1:1 {origins}")
    done = []
    for number in range(CYCLES, CYCLES + 3):
        with pytest.raises(watching.SomeFailed, match="not read in this cycle: fire__calls$"):
            storm.cycle(number)
        done.append(storm.detect(number))
    assert ask("SELECT subject, state FROM ops.alert WHERE rule = 'feed_silent'") == [("fire__calls", "new")]
    assert [one["ended"] for one in done] == [0, 0, 0]
    states = dict(ask("SELECT alert_id, state FROM ops.alert"))
    assert (states[alert_id], states[other]) == ("escalated", "acknowledged")


def test_a_false_alarm_lowers_the_published_precision_of_its_rule() -> None:
    city = read_city("sandbox")
    standing = ask("SELECT alert_id FROM ops.alert WHERE rule = 'no_unit_on_scene' AND ended_at IS NULL ORDER BY ALL")
    assert len(standing) > 1
    for (alert_id,) in standing:
        answer(city, alert_id, "resolved", "tester")
    assert precision() == [(len(standing), 1.0)]
    answer(city, standing[0][0], "false_alarm", "tester")
    assert precision() == [(len(standing), (len(standing) - 1) / len(standing))]


def precision() -> list[tuple[Any, ...]]:
    with writer_lock():
        assert run_selected("alerts").failed == []
    return ask(
        """SELECT judged_count, alert_precision_share FROM marts.alert_performance_daily
        WHERE rule = 'no_unit_on_scene'"""
    )
