"""A lake whose files lie in an S3 store that refuses, lacks its bucket or goes away."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from dags import steps
from tests.faults.books import assert_sound, orphans
from tests.faults.department import Department, request
from tests.faults.kills import Aim, attempt
from tests.faults.object_store import ObjectStore, running
from tests.faults.office import REQUESTS, Office, morning
from tests.postgresql import new_database

pytestmark = pytest.mark.usefixtures("forks")

A_DAY = 30
NUMBERS = count(1)


@pytest.fixture(scope="module")
def running_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    with running(tmp_path_factory.mktemp("store")) as store:
        yield store


@pytest.fixture
def store(running_store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectStore]:
    """The store, with a part of its bucket and a catalogue for this test alone."""
    for name, value in running_store.settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CIVICLAKE_DATA", f"s3://lake/{next(NUMBERS)}/")
    with new_database() as catalogue:
        monkeypatch.setenv("CIVICLAKE_CATALOGUE", catalogue)
        yield running_store


@pytest.fixture
def office(tmp_path: Path, store: ObjectStore, department: Department) -> Office:
    """An office that has brought its first day into the store."""
    office = Office.opened(tmp_path, department)
    add_a_day(department, 0)
    assert attempt(office, REQUESTS, morning(0)).loaded
    return office


def add_a_day(department: Department, day: int) -> None:
    department.requests += [
        request(day * A_DAY + number, f"{morning(day):%Y-%m-%d}T05:{number:02}:00-05:00") for number in range(A_DAY)
    ]


def assert_exactly_once(office: Office, days: int) -> None:
    assert_sound(office.ask, office.home)
    held = office.ask("SELECT count(*), count(DISTINCT request_id) FROM records.service_request")
    assert held == [(days * A_DAY, days * A_DAY)]


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("CIVICLAKE_S3_SECRET", "wrong", "the store refuses s3://lake/.*; correct CIVICLAKE_S3_KEY_ID and"),
        ("CIVICLAKE_S3_KEY_ID", "unknown", "the store refuses s3://lake/.*; correct CIVICLAKE_S3_KEY_ID and"),
        ("CIVICLAKE_S3_ENDPOINT", "127.0.0.1:1", "the store of s3://lake/.* does not answer; start it or correct"),
    ],
    ids=["wrong secret", "unknown key", "nobody there"],
)
def test_a_store_that_cannot_be_used_is_told_and_costs_nothing(
    office: Office, department: Department, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, words: str
) -> None:
    add_a_day(department, 1)
    with monkeypatch.context() as wrong:
        wrong.setenv(setting, value)
        ended = attempt(office, REQUESTS, morning(1))
    assert ended.error is not None
    with pytest.raises(RuntimeError, match=words):
        raise RuntimeError(ended.error)
    assert attempt(office, REQUESTS, morning(1)).loaded
    assert_exactly_once(office, 2)


def test_a_bucket_that_nobody_made_is_named(
    tmp_path: Path, store: ObjectStore, department: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office.opened(tmp_path, department)
    add_a_day(department, 0)
    with monkeypatch.context() as wrong:
        wrong.setenv("CIVICLAKE_DATA", "s3://nobodys/data/")
        ended = attempt(office, REQUESTS, morning(0))
    assert ended.error and "no such bucket or file under s3://nobodys/data/" in ended.error


def test_a_store_that_dies_while_files_are_written_costs_nothing(
    office: Office, department: Department, store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_a_day(department, 1)
    aim = Aim(("load", "INSERT INTO lake.records.service_request"))
    ended = attempt(office, REQUESTS, morning(1), aim=aim, strike=store.kill)
    store.start()
    assert ended.error and "the store of s3://lake/" in ended.error and "run again" in ended.error
    assert_exactly_once(office, 1)
    assert attempt(office, REQUESTS, morning(1)).loaded
    assert_exactly_once(office, 2)
    for day, place in enumerate((aim.place[1], "INSERT INTO ops.delivery", "COMMIT"), start=2):
        add_a_day(department, day)
        assert attempt(office, REQUESTS, morning(day), aim=Aim(("load", place))).was_killed
        assert attempt(office, REQUESTS, morning(day)).loaded
    assert_exactly_once(office, 5)
    print(f"{len(orphans(office.ask))} files that no snapshot knew")
    monkeypatch.setattr("lake.maintenance.ORPHAN_DAYS", 0)
    with office.at(morning(5)):
        steps.maintain()
    assert orphans(office.ask) == []
    assert_exactly_once(office, 5)
