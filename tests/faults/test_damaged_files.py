"""Files that are gone or damaged, of a delivery, of a check and of the lake: told by name."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from airflow.sdk.exceptions import AirflowFailException

from dags import steps
from lake import LakeUnreachable
from tests.faults.books import assert_sound
from tests.faults.department import Department, lamp, request, served
from tests.faults.office import BY_CURSOR, POSTS, REQUESTS, Office, morning

Harm = Callable[[Path], object]


def flip(file: Path) -> None:
    """Turn one bit in the middle of a file, so that a name or a number in it is another."""
    body = bytearray(file.read_bytes())
    body[len(body) // 2] ^= 1
    file.write_bytes(body)


def cut(file: Path) -> None:
    """Leave the first half of a file."""
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


HARMS = [flip, cut, Path.unlink]


@pytest.fixture
def department() -> Iterator[Department]:
    with served() as department:
        department.posts = [lamp(number) for number in range(30)]
        yield department


@pytest.fixture
def office(tmp_path: Path, department: Department) -> Iterator[Office]:
    """An office whose second day is fetched."""
    office = Office.opened(tmp_path, department)
    office.bring(POSTS, 0)
    department.posts += [lamp(number) for number in range(30, 40)]
    with office.at(morning(1)):
        steps.fetch_feed(POSTS, morning(1), "run", BY_CURSOR)
    yield office
    assert_sound(office.ask, office.home)


def assert_second_day_comes_through(office: Office) -> None:
    assert office.bring(POSTS, 1)["accepted"] == 10
    assert office.ask("SELECT count(*), count(DISTINCT lamp_post_id) FROM records.lamp_post") == [(40, 40)]


@pytest.mark.parametrize("harm", HARMS)
def test_a_damaged_page_is_named_and_not_read(office: Office, harm: Harm) -> None:
    (page,) = office.pages(POSTS, 1)
    harm(page)
    told = f"{POSTS}: {page} is missing or is not what was fetched; remove the folder {page.parent.parent}"
    with pytest.raises(AirflowFailException, match=told):
        office.bring(POSTS, 1)
    assert office.ask("SELECT step, state, message LIKE '%is not what was fetched%' FROM ops.run") == [
        ("check", "failed", True)
    ]
    shutil.rmtree(office.place(POSTS, 1))
    assert_second_day_comes_through(office)


def test_a_damaged_receipt_is_named(office: Office) -> None:
    cut(office.place(POSTS, 1) / "receipt.json")
    with pytest.raises(AirflowFailException, match="receipt.json is not a receipt .*; restore it from the back-up, or"):
        office.bring(POSTS, 1)
    shutil.rmtree(office.place(POSTS, 1))
    assert_second_day_comes_through(office)


def test_a_damaged_verdict_is_given_again(office: Office) -> None:
    place = office.place(POSTS, 1)
    with office.at(morning(1)):
        steps.check_feed(POSTS, str(place), "run")
    cut(place / "checked" / "verdict.json")
    assert_second_day_comes_through(office)


@pytest.mark.parametrize(("harm", "told"), [(cut, "remove the folder `checked`"), (Path.unlink, "files hold 0")])
def test_a_damaged_check_is_not_loaded(office: Office, harm: Harm, told: str) -> None:
    place = office.place(POSTS, 1)
    with office.at(morning(1)):
        steps.check_feed(POSTS, str(place), "run")
        (accepted,) = (place / "checked").glob("accepted-*.parquet")
        harm(accepted)
        with pytest.raises((AirflowFailException, LakeUnreachable), match=told):
            steps.load_feed(POSTS, str(place), "run")
    shutil.rmtree(place / "checked")
    assert_second_day_comes_through(office)


@pytest.mark.parametrize("harm", [cut, Path.unlink])
def test_a_damaged_file_of_the_lake_is_named_and_other_tables_go_on(
    office: Office, department: Department, harm: Harm
) -> None:
    (file,) = (office.home / "lake" / "data" / "records" / "lamp_post").rglob("*.parquet")
    kept = file.read_bytes()
    harm(file)
    with pytest.raises(LakeUnreachable, match=f"the lake's file {file} is missing or damaged; restore it from"):
        office.bring(POSTS, 1)
    department.requests = [request(1, "2026-10-25T08:00:00-05:00")]
    assert office.bring(REQUESTS, 1)["accepted"] == 1
    file.write_bytes(kept)
    assert_second_day_comes_through(office)
