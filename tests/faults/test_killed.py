"""A feed whose every run is killed several times, at instants spread over all steps: each record is there once."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from dags import steps
from tests.faults.books import age, assert_books_balance, assert_delivery_whole, assert_sound, drafts, orphans
from tests.faults.department import Department, request
from tests.faults.kills import Aim, Ended, attempt
from tests.faults.office import REQUESTS, Office, morning
from tests.faults.runner import Place
from tests.postgresql import new_database

pytestmark = pytest.mark.usefixtures("forks")

SEED = 20_261_026
A_DAY = 45
"""New records a day: three pages, the last of them short."""

COMMIT_SECONDS = 0.04
"""Kills during the commit are spread over so long."""


@pytest.fixture(params=[("sqlite", 200), ("postgresql", 60)], ids=lambda given: f"{given[1]} kills on {given[0]}")
def wanted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """How many kills are wanted, on a lake with a catalogue of that kind."""
    kind, kills = request.param
    if kind == "sqlite":
        yield kills
        return
    with new_database() as address:
        monkeypatch.setenv("CIVICLAKE_CATALOGUE", address)
        yield kills


def add_a_day(department: Department, day: int) -> None:
    """Let the department make new records, change some of the day before, write one badly and send one twice."""

    def at(minute: int) -> str:
        return (morning(day) - timedelta(minutes=90 - minute)).isoformat()

    new = [request(day * A_DAY + number, at(number)) for number in range(A_DAY)]
    new[7]["status"] = "lost"
    changed = [request(max(day - 1, 0) * A_DAY + number, at(50), status="cancelled") for number in (10, 20, 30)]
    names = {row["id"] for row in changed}
    department.requests = [row for row in department.requests if row["id"] not in names] + new + [new[3]]
    department.requests += changed if day else []


def aims_of_a_day(chance: random.Random, known: list[Place], day: int) -> list[Aim]:
    """Return where to kill the runs of one day: each step in turn, at places of an undisturbed run and between them."""

    def at(step: str, what: str) -> Place:
        return chance.choice([place for place in known if place[0] == step and place[1].startswith(what)])

    def some(step: str) -> Place:
        return chance.choice([place for place in known if place[0] == step])

    fetches = [
        Aim(at("fetch", "open deliveries/streets__requests/draft/pages"), nth=chance.choice([2, 3])),
        Aim(at("fetch", "os.rename")),
        Aim(at("fetch", "os.rename"), after=chance.uniform(0, 0.004)),
        Aim(some("fetch"), after=chance.uniform(0, 0.05)),
    ]
    checks = [
        Aim(some("check")),
        Aim(at("check", "begin"), after=chance.uniform(0, 0.3)),
        Aim(at("check", "os.rename"), after=chance.choice([None, chance.uniform(0, 0.003)])),
    ]
    loads = [
        Aim(at("load", "INSERT")),
        Aim(some("load"), after=chance.uniform(0, 0.01)),
    ]
    # a kill during the commit may come after all was written: then nothing is left to be killed that day
    spans = (COMMIT_SECONDS / 10, COMMIT_SECONDS / 10, COMMIT_SECONDS)
    commits = [Aim(("load", "COMMIT"), after=chance.uniform(0, span)) for span in spans]
    done = Aim(chance.choice([("load", "COMMITTED"), ("load", "end")]))
    return [*chance.sample(fetches, 3), *chance.sample(checks, 2), *loads, *(commits if day % 2 else []), done]


def first_aims(chance: random.Random) -> list[Aim]:
    """Return where to kill the first run, which makes the lake."""
    begin = ("fetch", "os.mkdir lake")
    return [Aim(begin, after=chance.uniform(0.1, 0.9)) for _ in range(8)]


def test_a_feed_killed_at_every_step_is_in_the_lake_exactly_once(
    tmp_path: Path, department: Department, wanted: int, capsys: pytest.CaptureFixture[str]
) -> None:
    office, chance = Office.opened(tmp_path, department), random.Random(SEED)
    killed: list[Ended] = []
    known: list[Place] = []
    day = 0
    while len(killed) < wanted or not died_everywhere(killed):
        assert len(killed) < 2 * wanted, f"the runs did not die everywhere: {Counter(ended.last for ended in killed)}"
        add_a_day(department, day)
        for aim in aims_of_a_day(chance, known, day) if known else first_aims(chance):
            ended = attempt(office, REQUESTS, morning(day), f"run of day {day}", aim)
            assert ended.was_killed or ended.loaded, f"{aim}: {ended.error} at {ended.last}"
            if (place := office.place(REQUESTS, day)).exists():
                assert_delivery_whole(place)
            if ended.last[0] == "load":
                assert_books_balance(office.ask)
            if not ended.was_killed:
                break
            killed.append(ended)
        again = attempt(office, REQUESTS, morning(day), f"run of day {day}")
        assert again.loaded is not None, f"the run after the kills of day {day}: {again.error} at {again.last}"
        known = known or undisturbed(office, department, day := day + 1)
        day += 1
    tell(killed, capsys)
    assert_everything_once(office, department, day)
    assert_leftovers_are_removed(office)


def undisturbed(office: Office, department: Department, day: int) -> list[Place]:
    """Return the places that a run reaches which nobody kills."""
    add_a_day(department, day)
    ended = attempt(office, REQUESTS, morning(day), f"run of day {day}")
    assert ended.loaded is not None and ended.loaded["accepted"] > A_DAY
    return ended.places


def deaths(killed: list[Ended]) -> tuple[Counter[str], Counter[str]]:
    """Return how many runs died in each step, and at each place of the load."""
    return (
        Counter(ended.last[0] for ended in killed),
        Counter(ended.last[1] for ended in killed if ended.last[0] == "load"),
    )


def died_everywhere(killed: list[Ended]) -> bool:
    """Whether runs died in each step, and before, during and after the commit of a load, often enough."""
    steps_hit, in_load = deaths(killed)
    return (
        min(steps_hit[step] for step in ("fetch", "check", "load")) >= len(killed) // 12
        and any(what.startswith("INSERT") for what in in_load)
        and in_load["COMMIT"] >= len(killed) // 20
        and in_load["COMMITTED"] + in_load["end"] >= len(killed) // 30
        and any(step == "fetch" and what.startswith("open deliveries") for step, what in (run.last for run in killed))
    )


def tell(killed: list[Ended], capsys: pytest.CaptureFixture[str]) -> None:
    """Print where the runs died."""
    steps_hit, in_load = deaths(killed)
    with capsys.disabled():
        print(f"\n{len(killed)} kills: {dict(steps_hit)}; {len({ended.last for ended in killed})} different places;")
        print(f"  during the commit {in_load['COMMIT']}, after it {in_load['COMMITTED'] + in_load['end']}")


def assert_everything_once(office: Office, department: Department, days: int) -> None:
    """The lake holds what the department sent: each version once, each delivery once, each bad record told."""
    assert_sound(office.ask, office.home)
    assert office.ask("SELECT count(*) FROM ops.delivery") == [(days,)]
    good = {(row["id"], row["status"]) for row in department.requests if row["status"] != "lost"}
    # of a record that was changed, the lake also holds what it was before
    sent = good | {(name, "open") for name, status in good if status == "cancelled"}
    assert sorted(office.ask("SELECT request_id, status FROM records.service_request")) == sorted(sent)
    bad = {row["id"] for row in department.requests if row["status"] == "lost"}
    assert {row[0] for row in office.ask("SELECT record_key FROM ops.set_aside")} == bad


def assert_leftovers_are_removed(office: Office) -> None:
    """Nothing is left over but data files that no snapshot knows, and the nightly maintenance removes those."""
    assert drafts(office.home) == []
    left = orphans(office.ask)
    age(left)
    before = office.ask("FROM records.service_request ORDER BY ALL")
    with office.at(morning(0)):
        steps.maintain()
    assert [file for file in left if Path(file).exists()] == []
    assert orphans(office.ask) == []
    assert office.ask("FROM records.service_request ORDER BY ALL") == before
    print(f"{len(left)} files that no snapshot knew were removed")
