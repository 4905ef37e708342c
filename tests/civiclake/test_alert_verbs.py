"""`civiclake alert` and `civiclake emergency`: what they print, keep, and end with."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cities import read_city
from cities.emergency import EMERGENCY_CYCLE, can_wait, cycle, declared
from cities.home import PROJECT
from lake import connect, prepare
from lake.emergency import mend_switch
from tests.civiclake.verbs import Run, at_office

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LATER = (NOW + timedelta(minutes=7)).isoformat()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with an empty lake, made once."""
    place = tmp_path_factory.mktemp("empty")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CIVICLAKE_HOME", str(place))
        prepare()
    return place


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, empty: Path, lake_home: Path) -> Run:
    return at_office(monkeypatch, empty, lake_home, NOW)


@pytest.fixture
def alert(run: Run) -> str:
    """An alert that was sent."""
    with connect() as sql:
        sql.execute(
            """INSERT INTO ops.alert BY NAME SELECT 'city-1' AS alert_id, 'k' AS dedup_key, 'no_unit' AS rule,
            'fire' AS department, 'fire__calls' AS feed, 'D01' AS area_code, 'F1' AS subject, 'sent' AS state,
            'Severe' AS severity, 'Call F1 waits' AS headline, '{}' AS figures, false AS is_folded,
            TIMESTAMPTZ '2026-11-23 11:50:00+00' AS onset_at, TIMESTAMPTZ '2026-11-23 11:55:00+00' AS raised_at,
            TIMESTAMPTZ '2026-11-23 11:56:00+00' AS sent_at"""
        )
        sql.execute(
            """INSERT INTO ops.alert_message BY NAME SELECT 'city-1-1' AS message_id, 'city-1' AS alert_id,
            'alert' AS kind, '{"sent": "2026-11-23T05:55:00-06:00"}' AS content,
            TIMESTAMPTZ '2026-11-23 11:55:00+00' AS created_at"""
        )
    return "city-1"


def ask(sql: str) -> list[tuple[Any, ...]]:
    with connect() as connection:
        return connection.execute(sql).fetchall()


def test_open_alerts_are_listed(run: Run, alert: str) -> None:
    listed = run("alert", "ls", "-o", "json")
    assert listed.exit_code == 0
    [row] = json.loads(listed.stdout)
    assert (row["alert_id"], row["state"], row["headline"]) == (alert, "sent", "Call F1 waits")


@pytest.mark.parametrize(
    ("verb", "state"), [("ack", "acknowledged"), ("resolve", "resolved"), ("false-alarm", "false_alarm")]
)
def test_what_a_person_says_of_an_alert_is_kept(run: Run, alert: str, verb: str, state: str) -> None:
    assert run("alert", verb, alert, "--note", "seen").exit_code == 0
    assert ask("SELECT state FROM ops.alert") == [(state,)]
    assert ask("SELECT event, who, note FROM ops.alert_event") == [(state, "tester", "seen")]
    closed = state != "acknowledged"
    assert json.loads(run("alert", "ls", "-o", "json").stdout) == [] or not closed
    assert len(json.loads(run("alert", "ls", "--all", "-o", "json").stdout)) == 1
    assert ask("SELECT kind FROM ops.alert_message ORDER BY ALL") == [("alert",), *([("cancel",)] if closed else [])]


def test_an_alert_can_wait(run: Run, alert: str) -> None:
    assert run("alert", "snooze", alert, "--minutes", "30").exit_code == 0
    assert ask("SELECT epoch(snooze_until), state FROM ops.alert") == [
        ((NOW + timedelta(minutes=30)).timestamp(), "sent")
    ]


@pytest.mark.parametrize("verb", ["ack", "resolve", "false-alarm", "snooze"])
def test_an_alert_that_is_not_known_ends_with_2(run: Run, alert: str, verb: str) -> None:
    ended = run("alert", verb, "city-2")
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "did you mean city-1?" in ended.stderr


def test_a_closed_alert_is_not_answered_again(run: Run, alert: str) -> None:
    run("alert", "resolve", alert)
    ended = run("alert", "ack", alert)
    assert (ended.exit_code, ended.stderr) == (2, "city-1 is closed: resolved\n")


def test_messages_that_did_not_leave_are_told(run: Run, alert: str) -> None:
    with connect() as sql:
        sql.execute(
            """INSERT INTO ops.alert_delivery VALUES ('m', 'email', 'duty@city.example', 'waiting', 2, 'no answer',
            TIMESTAMPTZ '2026-11-23 11:55:00+00', NULL)"""
        )
    ended = run("alert", "ls", "-o", "csv")
    assert (ended.exit_code, ended.stderr) == (1, "not sent by email: 1 (no answer)\n")


def test_an_emergency_shortens_the_cycle_and_lets_departments_wait(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = read_city("sandbox")
    waiting = {one.id for one in sandbox.departments.values() if can_wait(one)}
    assert waiting and not waiting & {"fire", "police", "lighting"}
    assert run("emergency", "start", "storm-1", "--note", "a storm").exit_code == 0
    assert (declared(), cycle()) == ("storm-1", EMERGENCY_CYCLE)
    dags = schedules(monkeypatch)
    assert {name for name in sandbox.departments if dags[name] is False} == waiting
    monkeypatch.setenv("CIVICLAKE_NOW", LATER)
    assert run("emergency", "stop", "--note", "over").exit_code == 0
    assert (declared(), cycle()) == (None, "*/5 * * * *")
    assert all(schedules(monkeypatch)[name] for name in sandbox.departments)
    [told] = json.loads(run("emergency", "status", "-o", "json").stdout)
    assert (told["emergency"], told["note"]) == ("storm-1", "a storm")
    assert dict(ask("SELECT action, count(*) FROM ops.emergency_action GROUP BY 1")) == {
        "started": 1, "cycle_shortened": 1, "paused": len(waiting), "resumed": len(waiting), "stopped": 1,
    }  # fmt: skip


def schedules(monkeypatch: pytest.MonkeyPatch) -> dict[str, bool]:
    """Return for each DAG whether it is run by itself."""
    monkeypatch.setenv("CIVICLAKE_CITY", "sandbox")
    from airflow.dag_processing.dagbag import DagBag

    return {name: dag.timetable.can_be_scheduled for name, dag in DagBag(str(PROJECT / "dags")).dags.items()}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("start", "Storm 1", "--note", "n"), "cannot be a name"),
        (("stop",), "no emergency goes on"),
        (("report", "storm"), "no emergency 'storm'"),
    ],
    ids=["name", "none", "unknown"],
)
def test_an_emergency_that_cannot_be_ends_with_2(run: Run, words: tuple[str, ...], told: str) -> None:
    ended = run("emergency", *words)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert told in ended.stderr


def test_one_emergency_at_a_time_and_no_name_twice(run: Run) -> None:
    run("emergency", "start", "one", "--note", "n")
    assert "one goes on" in run("emergency", "start", "two", "--note", "n").stderr
    assert "one goes on" in run("emergency", "report", "one").stderr
    run("emergency", "stop")
    assert "take another name" in run("emergency", "start", "one", "--note", "n").stderr


def test_a_switch_that_was_lost_is_mended(run: Run, lake_home: Path) -> None:
    run("emergency", "start", "one", "--note", "n")
    (lake_home / "emergency").unlink()
    mend_switch()
    assert declared() == "one"
    with connect() as sql:
        sql.execute("UPDATE ops.emergency SET stopped_at = started_at")
    mend_switch()
    assert declared() is None
