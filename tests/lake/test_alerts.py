"""Alerts are brought in line with what should stand: one an event, whatever is run how often."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cities import City, read_city
from lake import connect, prepare, writer_lock
from lake.alert_answers import Answer, answer
from lake.alerts import Reconciled, reconcile
from lake.errors import AlertError
from lake.outbox import mark_failed, mark_sent, waiting
from lake.watch import as_of, has_clock, record_cycle

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CITY = """\
title: {en: Testville, zh: 测试市}
time_zone: America/Chicago
areas: {kind: {en: district, zh: 区}, codes: ["1", "2"]}
contact: {name: Data Office, email: data@city.example}
alerts:
  budget: 3
  escalate_to: chief@city.example
  owners:
    fire: {email: duty@city.example, webhook_env: FIRE_HOOK}
"""
FIRE = """\
title: {en: Fire, zh: 消防}
steward: f@city.example
schedule: "0 5 * * *"
legal_basis: law
feeds:
  calls: {title: {en: Calls}, contract: emergency_call, system: folder, url: "file:x", glob: "*.json", format: json,
    due: "06:30", watch: true, fields: {call_id: id, unit_id: unit, received_at: at, call_type: type}}
"""
COLUMNS = """dedup_key VARCHAR, rule VARCHAR, department VARCHAR, feed VARCHAR, area_code VARCHAR, subject VARCHAR,
    onset_at TIMESTAMPTZ, visible_at TIMESTAMPTZ, figures VARCHAR, event VARCHAR, event_zh VARCHAR, category VARCHAR,
    urgency VARCHAR, severity VARCHAR, certainty VARCHAR, headline VARCHAR, headline_zh VARCHAR, description VARCHAR,
    description_zh VARCHAR, escalate_minutes BIGINT, clear_minutes BIGINT, is_critical BOOLEAN"""


def minute(number: int) -> datetime:
    return START + timedelta(minutes=number)


class Watch:
    """Runs cycles in which a test says which subjects should stand."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch
        (folder / "city.yml").write_text(CITY)
        (folder / "fire.yml").write_text(FIRE)
        self.city: City = read_city(str(folder))

    def at(self, number: int) -> None:
        self.monkeypatch.setenv("CIVICLAKE_NOW", minute(number).isoformat())

    def cycle(self, number: int, *subjects: str, is_read: bool = True, **more: Any) -> Reconciled:
        self.at(number)
        record_cycle(self.city, minute(number), f"run {number}", minute(number), 0)
        with connect() as sql:
            sql.execute("DELETE FROM intermediate.int_alerts_wanted")
            for subject in subjects:
                self._want(sql, subject, more)
            if is_read:
                sql.execute(
                    "INSERT INTO ops.delivery (feed, verdict, fetched_at) VALUES ('fire__calls', 'accepted', ?)",
                    [minute(number)],
                )
        return self.reconcile(number)

    def reconcile(self, number: int) -> Reconciled:
        with writer_lock():
            return reconcile(self.city, minute(number), minute(number))

    def _want(self, sql: Any, subject: str, more: dict[str, Any]) -> None:
        row = {
            "dedup_key": f"no_unit|{subject}", "rule": "no_unit", "department": "fire", "feed": "fire__calls",
            "area_code": "1", "subject": subject, "onset_at": START, "visible_at": START, "figures": '{"n":1}',
            "event": "Call", "event_zh": "呼叫", "category": "Rescue", "urgency": "Immediate", "severity": "Severe",
            "certainty": "Observed", "headline": f"Call {subject}", "headline_zh": "呼叫", "description": "told",
            "description_zh": "说明", "escalate_minutes": 10, "clear_minutes": 0, "is_critical": False, **more,
        }  # fmt: skip
        names = ", ".join(row)
        sql.execute(
            f"INSERT INTO intermediate.int_alerts_wanted ({names}) VALUES ({', '.join('?' * len(row))})",
            list(row.values()),
        )

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with connect() as connection:
            return connection.execute(sql).fetchall()

    def states(self) -> dict[str, str]:
        return dict(self.ask("SELECT subject, state FROM ops.alert ORDER BY raised_at, subject"))

    def messages(self) -> list[tuple[Any, ...]]:
        return self.ask(
            """SELECT kind, content ->> '$.alerts[0].subject' FROM ops.alert_message
            ORDER BY created_at, message_id"""
        )

    def answer(self, number: int, subject: str, said: Answer, **more: Any) -> None:
        self.at(number)
        [(alert_id,)] = self.ask(f"SELECT alert_id FROM ops.alert WHERE subject = '{subject}'")
        answer(self.city, alert_id, said, "tester", **more)

    def send(self, number: int) -> list[tuple[str, str]]:
        self.at(number)
        sent = waiting()
        for one in sent:
            mark_sent(one)
        return [(one.channel, one.recipient) for one in sent]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with an empty lake, made once."""
    place = tmp_path_factory.mktemp("empty")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CIVICLAKE_HOME", str(place))
        prepare()
        with connect() as sql:
            sql.execute(f"CREATE TABLE intermediate.int_alerts_wanted ({COLUMNS})")
    return place


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty: Path, lake_home: Path) -> Watch:
    shutil.copytree(empty, lake_home, dirs_exist_ok=True)
    return Watch(tmp_path, monkeypatch)


def test_an_event_is_one_alert_through_any_number_of_cycles_and_runs(watch: Watch) -> None:
    assert watch.cycle(0, "a").raised == 1
    for _ in range(3):
        again = watch.reconcile(0)
        assert (again.raised, again.standing) == (0, 1)
    assert watch.cycle(5, "a", "b").raised == 1
    assert watch.states() == {"a": "new", "b": "new"}
    assert watch.messages() == [("alert", "a"), ("alert", "b")]


def test_a_cycle_that_a_later_one_overtook_changes_nothing(watch: Watch) -> None:
    watch.cycle(5, "a")
    assert watch.reconcile(0).is_overtaken
    assert watch.states() == {"a": "new"}


def test_an_alert_ends_when_its_cause_is_gone_and_comes_back_as_another(watch: Watch) -> None:
    watch.cycle(0, "a")
    assert watch.cycle(5).ended == 1
    assert watch.states() == {"a": "resolved"}
    assert watch.messages() == [("alert", "a"), ("cancel", "a")]
    assert watch.cycle(10, "a").raised == 1
    assert watch.ask("SELECT count(*), count(DISTINCT alert_id) FROM ops.alert") == [(2, 2)]


def test_an_alert_does_not_end_while_its_source_cannot_be_read(watch: Watch) -> None:
    watch.cycle(0, "a")
    assert watch.cycle(5, is_read=False).ended == 0
    assert watch.cycle(10).ended == 1


def test_a_cause_that_flickers_is_one_alert(watch: Watch) -> None:
    watch.cycle(0, "a", clear_minutes=10)
    assert watch.cycle(5).ended == 0
    assert watch.cycle(10, "a").raised == 0
    assert watch.cycle(15).ended == 0
    assert watch.cycle(20).ended == 1


def test_nobody_acknowledged_so_it_is_escalated_once(watch: Watch) -> None:
    watch.cycle(0, "a")
    watch.send(1)
    assert watch.cycle(5, "a").escalated == 0
    assert watch.cycle(10, "a").escalated == 1
    assert watch.cycle(15, "a").escalated == 0
    assert watch.states() == {"a": "escalated"}
    assert watch.send(16) == [
        ("email", "chief@city.example"), ("email", "duty@city.example"), ("file", ""), ("webhook", "FIRE_HOOK"),
    ]  # fmt: skip
    watch.answer(17, "a", "acknowledged")
    assert watch.states() == {"a": "acknowledged"}


def test_an_alert_of_a_department_that_the_city_no_longer_has_is_still_told(watch: Watch) -> None:
    watch.cycle(0, "a")
    watch.city = watch.city.model_copy(update={"departments": {}})
    assert watch.cycle(10, "a").escalated == 1
    assert watch.ask("SELECT content -> '$.department' FROM ops.alert_message WHERE kind = 'escalation'") == [
        ('{"en":"fire"}',)
    ]


def test_an_acknowledged_or_snoozed_alert_is_not_escalated(watch: Watch) -> None:
    watch.cycle(0, "a", "b")
    watch.answer(2, "a", "acknowledged")
    watch.answer(2, "b", "snoozed", until=minute(30))
    assert watch.cycle(15, "a", "b").escalated == 0
    assert watch.cycle(30, "a", "b").escalated == 1
    assert watch.states() == {"a": "acknowledged", "b": "escalated"}


def test_a_judged_alert_is_not_raised_again_while_its_cause_stands(watch: Watch) -> None:
    watch.cycle(0, "a", "b")
    watch.answer(2, "a", "false_alarm", note="a drill")
    watch.answer(2, "b", "resolved")
    assert watch.cycle(5, "a", "b").raised == 0
    watch.cycle(10)
    assert watch.states() == {"a": "false_alarm", "b": "resolved"}
    assert sorted(watch.messages()) == [("alert", "a"), ("alert", "b"), ("cancel", "a"), ("cancel", "b")]


def test_a_false_alarm_may_be_known_only_when_it_is_over(watch: Watch) -> None:
    watch.cycle(0, "a")
    watch.cycle(5)
    watch.answer(60, "a", "false_alarm")
    assert watch.states() == {"a": "false_alarm"}
    with pytest.raises(AlertError, match="closed"):
        watch.answer(61, "a", "acknowledged")


def test_beyond_the_budget_alerts_are_kept_and_folded_into_one_message_an_hour(watch: Watch) -> None:
    done = watch.cycle(0, *"abcde")
    assert (done.raised, done.folded) == (5, 2)
    watch.cycle(5, *"abcdef")
    assert [kind for kind, _ in watch.messages()] == ["alert"] * 3
    watch.cycle(60, *"abcdef")
    assert [kind for kind, _ in watch.messages()][-1] == "digest"
    [(folded,)] = watch.ask("SELECT content -> '$.alerts[*].subject' FROM ops.alert_message WHERE kind = 'digest'")
    assert folded == ['"d"', '"e"', '"f"']
    watch.send(61)
    assert set(watch.states().values()) >= {"escalated"}
    assert watch.ask("SELECT count(*) FROM ops.alert WHERE sent_at IS NULL") == [(0,)]
    watch.cycle(65, *"abcdef")
    assert watch.ask("SELECT count(*) FROM ops.alert_message WHERE kind = 'digest'") == [(1,)]


def test_the_end_is_told_to_those_who_were_told_of_the_alert_itself(watch: Watch) -> None:
    watch.cycle(0, *"abcde")
    watch.answer(1, "e", "acknowledged")
    watch.cycle(10, *"abcde")
    watch.cycle(15)
    ended = {subject for kind, subject in watch.messages() if kind == "cancel"}
    assert ended == {"a", "b", "c", "d"}, "d was folded and then escalated, e was folded alone"


def test_a_folded_critical_alert_makes_its_digest_go_at_once(watch: Watch) -> None:
    watch.cycle(0, *"abcd", is_critical=True)
    assert [kind for kind, _ in watch.messages()] == ["alert"] * 3 + ["digest"]


def test_the_budget_is_of_the_citys_own_day(watch: Watch) -> None:
    watch.cycle(0, *"abcd", escalate_minutes=None)
    midnight = 18 * 60
    assert watch.cycle(midnight - 5, *"abcde", escalate_minutes=None).folded == 1
    assert watch.cycle(midnight, *"abcdef", escalate_minutes=None).folded == 0


def test_a_message_names_those_before_it_and_is_the_same_when_sent_again(watch: Watch) -> None:
    watch.cycle(0, "a")
    first = waiting()
    assert waiting() == first
    watch.send(1)
    assert waiting() == []
    watch.cycle(5)
    [told] = {one.message_id: one for one in waiting()}.values()
    assert told.content["references"] == [[first[0].message_id, "2026-11-23T06:00:00-06:00"]]
    assert told.content["msg_type"] == "Cancel"


def test_what_cannot_be_sent_waits_and_is_given_up_after_a_day(watch: Watch) -> None:
    watch.cycle(0, "a")
    count = len(waiting())
    watch.at(5)
    for one in waiting():
        mark_failed(one, "no answer")
    assert len(waiting()) == count
    assert watch.states() == {"a": "new"}
    watch.at(24 * 60 + 1)
    for one in waiting():
        mark_failed(one, "no answer")
    assert waiting() == []
    assert watch.ask("SELECT DISTINCT state, attempts, problem FROM ops.alert_delivery") == [("failed", 2, "no answer")]


def test_each_alert_keeps_its_evidence_and_its_history(watch: Watch) -> None:
    watch.cycle(0, "a")
    watch.send(1)
    watch.answer(2, "a", "acknowledged", note="engine sent")
    watch.cycle(5)
    assert watch.ask("SELECT event, who, note FROM ops.alert_event ORDER BY happened_at") == [
        ("raised", "", ""), ("sent", "", ""), ("acknowledged", "tester", "engine sent"), ("ended", "", ""),
    ]  # fmt: skip
    [(snapshot, figures)] = watch.ask("SELECT snapshot_id, figures FROM ops.alert")
    assert figures == '{"n":1}'
    assert watch.ask(f"SELECT subject FROM intermediate.int_alerts_wanted AT (VERSION => {snapshot})") == [("a",)]


def test_a_transaction_that_fails_leaves_no_alert_and_no_message(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("killed")

    monkeypatch.setattr("lake.alert_messages.Outbox.fold", fail)
    with pytest.raises(OSError, match="killed"):
        watch.cycle(0, "a")
    assert (watch.states(), watch.messages()) == ({}, [])


@pytest.mark.parametrize("said", ["acknowledged", "resolved", "false_alarm", "snoozed"])
def test_an_alert_that_is_not_there_cannot_be_answered(watch: Watch, said: Answer) -> None:
    with pytest.raises(AlertError, match="no alert 'x'"):
        answer(watch.city, "x", said, "tester")


def test_a_cycle_has_a_now_of_its_own(watch: Watch) -> None:
    assert not has_clock()
    for number in (5, 10):
        with as_of(minute(number)):
            assert watch.ask("SELECT epoch(as_of) FROM ops.watch_clock") == [(minute(number).timestamp(),)]
    assert watch.ask("FROM ops.clock") == []


def test_a_cycle_is_counted_once(watch: Watch) -> None:
    counted: Callable[[], object] = lambda: watch.ask("SELECT count(*) FROM ops.watch_cycle")  # noqa: E731
    for _ in range(2):
        record_cycle(watch.city, minute(0), "run", minute(0), 1)
    assert counted() == [(1,)]
    assert watch.ask("FROM ops.watched") == [("fire__calls", "fire")]
