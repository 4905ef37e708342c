"""`civiclake action`: what it lists, keeps, and ends with; and that builds and reports go by it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cities import read_city
from lake import claim, connect, follow_actions, publish, publish_answers, published_file, writer_lock
from tests.civiclake.verbs import Run, at_office

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
KEY = "gap.area_missing.fire__calls"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a lake whose last build opened one action and published it, made once."""
    place = tmp_path_factory.mktemp("built")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CIVICLAKE_HOME", str(place))
        claim(read_city("sandbox"))
        with connect() as sql:
            sql.execute("INSERT INTO ops.clock VALUES (?)", [NOW])
            sql.execute(
                f"""CREATE TABLE intermediate.int_actions_wanted AS SELECT '{KEY}' AS action_key, 'gap' AS cause,
                'fire' AS department, 'fire@city.example' AS owner, 'fire__calls' AS feed, 'area_missing' AS subject,
                DATE '2026-11-20' AS since_date, DATE '2026-11-27' AS due_date, 'normal' AS severity, 'D2' AS detail"""
            )
        build()
    return place


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, built: Path, lake_home: Path) -> Run:
    return at_office(monkeypatch, built, lake_home, NOW)


def build() -> int:
    """Follow what is wanted and publish, as a build does."""
    with writer_lock():
        changed = follow_actions()
        publish([])
    return changed


def the_action() -> dict[str, Any]:
    """The action as the published file has it."""
    with duckdb.connect(str(published_file()), read_only=True) as sql:
        answer = sql.execute("FROM ops.action")
        [row] = answer.fetchall()
        return dict(zip([column[0] for column in answer.description], row, strict=True))


def events() -> list[tuple[Any, ...]]:
    with connect() as sql:
        return sql.execute("SELECT event, who, note FROM ops.action_event ORDER BY happened_at, event").fetchall()


@pytest.mark.parametrize(
    ("words", "expected", "event"),
    [
        (("ack", KEY, "--note", "on it"), {"state": "open", "acknowledged_by": "tester", "note": "on it"},
         ("acknowledged", "tester", "on it")),
        (("accept", KEY, "--note", "no sensor before May"),
         {"state": "accepted", "accepted_by": "tester", "note": "no sensor before May"},
         ("accepted", "tester", "no sensor before May")),
        (("assign", KEY, "--to", "duty@city.example"), {"state": "open", "assigned_to": "duty@city.example"},
         ("assigned", "tester", "to duty@city.example")),
        (("due", KEY, "2026-12-04"), {"state": "open", "due_date": date(2026, 12, 4), "due_set_by": "tester"},
         ("date_set", "tester", None)),
    ],
    ids=["ack", "accept", "assign", "due"],
)  # fmt: skip
def test_what_a_person_says_is_published_and_survives_the_next_build(
    run: Run, words: tuple[str, ...], expected: dict[str, Any], event: tuple[Any, ...]
) -> None:
    ended = run("action", *words)
    assert (ended.exit_code, ended.stdout, ended.stderr) == (0, "", f"{KEY}: noted; the next report shows it\n")
    assert event in events()
    publish_answers()
    assert {name: the_action()[name] for name in expected} == expected
    assert build() == 0
    assert {name: the_action()[name] for name in expected} == expected


def test_without_an_answer_the_published_file_is_left_alone(run: Run) -> None:
    before = published_file().stat().st_ino
    publish_answers()
    assert published_file().stat().st_ino == before


def test_open_actions_are_listed_and_accepted_ones_with_all(run: Run) -> None:
    [row] = json.loads(run("action", "ls", "-o", "json").stdout)
    assert (row["action_key"], row["owner"], row["due_date"]) == (KEY, "fire@city.example", "2026-11-27")
    assert run("action", "ls", "-o", "csv").stdout.splitlines()[1].startswith(f"{KEY},open,normal,gap,fire,")
    run("action", "accept", KEY, "--note", "known")
    assert json.loads(run("action", "ls", "-o", "json").stdout) == []
    assert [one["state"] for one in json.loads(run("action", "ls", "--all", "-o", "json").stdout)] == ["accepted"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("ack", "gap.area_missing.fire__call"), f"did you mean {KEY}?"),
        (("accept", KEY, "--note", " "), "accepting wants a reason"),
        (("accept", KEY), "Missing option '--note'"),
        (("assign", KEY, "--to", ""), "say to whom"),
        (("assign", KEY, "--to", "a\nb"), "write one line"),
        (("due", KEY, "2026-11-22"), "give a day from today on, not 2026-11-22"),
        (("due", KEY, "tomorrow"), "does not match the format"),
    ],
)
def test_what_cannot_be_kept_ends_with_2_and_changes_nothing(
    run: Run, words: tuple[str, ...], told: str
) -> None:
    ended = run("action", *words)
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert told in ended.stderr
    assert [event for event, *_ in events()] == ["opened"]


def test_a_closed_action_is_not_answered_again(run: Run) -> None:
    run("action", "accept", KEY, "--note", "known")
    ended = run("action", "ack", KEY)
    assert (ended.exit_code, ended.stderr) == (2, f"{KEY} is closed: accepted\n")


def test_who_acknowledged_it_first_stays(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("action", "ack", KEY)
    monkeypatch.setenv("LOGNAME", "somebody_else")
    run("action", "ack", KEY, "--note", "I too")
    publish_answers()
    assert (the_action()["acknowledged_by"], the_action()["note"]) == ("tester", "I too")


def test_an_accepted_action_stays_closed_until_its_cause_is_new(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("action", "accept", KEY, "--note", "known")
    assert build() == 0
    with connect() as sql:
        sql.execute("UPDATE intermediate.int_actions_wanted SET since_date = DATE '2026-11-24'")
        sql.execute("UPDATE ops.clock SET as_of = ?", [NOW + timedelta(days=1)])
    assert build() == 1
    assert (the_action()["state"], the_action()["accepted_by"], the_action()["note"]) == ("open", None, None)
