"""A disk that is full at each step: what was complete stays readable, and the same run completes once there is room."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cities.disk import DiskFull
from dags import steps
from extractors import FetchError
from lake import LakeUnreachable, connect, connect_published, publish, published_file, sync_city, writer_lock
from tests.faults.books import age, assert_sound, drafts, orphans
from tests.faults.department import Department, lamp
from tests.faults.office import BY_CURSOR, POSTS, Office, morning

ENOUGH_FOR_SMALL_THINGS = 400_000
TOLD = (DiskFull, FetchError, LakeUnreachable)
Do = Callable[[], object]


@pytest.fixture
def office(tmp_path: Path, department: Department) -> Iterator[Office]:
    """An office on a disk of 32 MB, which has brought its first day."""
    office = Office.opened(tmp_path, department)
    with small_disk(office.home):
        department.posts = lamps(0, 50)
        office.bring(POSTS, 0)
        department.posts += lamps(50, 2000)
        yield office


def lamps(first: int, count: int) -> list[dict[str, Any]]:
    """Return lamp posts whose names cannot be compressed much: a megabyte for two thousand."""
    chance = random.Random(first)
    return [lamp(number, name=chance.randbytes(300).hex()) for number in range(first, first + count)]


@contextmanager
def small_disk(place: Path) -> Iterator[None]:
    """Lay a disk of its own over a folder.

    Where this process may not mount one, the test is skipped on a laptop and fails where `CI` is set.
    """
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m", "civiclake", str(place)], capture_output=True, text=True
    )
    if mounted.returncode:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no disk can be mounted: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def full(home: Path, free: int) -> Iterator[None]:
    """Leave only so many bytes free."""
    ballast = home / "ballast"
    ballast.write_bytes(b"x" * (shutil.disk_usage(home).free - free))
    try:
        yield
    finally:
        ballast.unlink()


def step(office: Office, name: str) -> Do:
    """Do the second day's steps before this one, and return it."""
    instant, place = morning(1), str(office.place(POSTS, 1))
    todo: dict[str, Do] = {
        "fetch": lambda: steps.fetch_feed(POSTS, instant, "run", BY_CURSOR),
        "check": lambda: steps.check_feed(POSTS, place, "run"),
        "load": lambda: steps.load_feed(POSTS, place, "run"),
    }
    while (first := next(iter(todo))) != name:
        todo.pop(first)()
    return todo[name]


def size_in_the_lake(place: Path) -> int:
    """Return about how many bytes a delivery's records take once they are packed as the lake packs them."""
    packed = BytesIO()
    pl.read_parquet(place / "checked" / "accepted-*.parquet").write_parquet(packed, compression="zstd")
    return packed.tell()


def assert_first_day_stands(office: Office) -> None:
    assert office.ask("SELECT count(*) FROM records.lamp_post") == [(50,)]
    assert office.ask("SELECT count(*) FROM ops.delivery") == [(1,)]
    assert_sound(office.ask, office.home)


def assert_second_day_comes_through(office: Office) -> None:
    loaded = office.bring(POSTS, 1)
    assert (loaded["accepted"], loaded["unchanged"], loaded["already"]) == (2000, 50, False)
    assert office.ask("SELECT count(*), count(DISTINCT lamp_post_id) FROM records.lamp_post") == [(2050, 2050)]
    assert_sound(office.ask, office.home)
    assert drafts(office.home) == []


@pytest.mark.parametrize("free", [0, ENOUGH_FOR_SMALL_THINGS], ids=["full", "almost full"])
@pytest.mark.parametrize("name", ["fetch", "check", "load"])
def test_a_step_on_a_full_disk_says_so_and_comes_through_when_there_is_room(
    office: Office, name: str, free: int
) -> None:
    with office.at(morning(1)):
        do = step(office, name)
        with full(office.home, free), pytest.raises(TOLD, match="space") as told:
            do()
    assert str(office.home) in str(told.value)
    assert_first_day_stands(office)
    assert_second_day_comes_through(office)


def test_a_disk_that_is_full_at_the_commit_leaves_an_orphan_and_nothing_else(office: Office) -> None:
    with office.at(morning(1)):
        load = step(office, "load")
        size = size_in_the_lake(office.place(POSTS, 1))
        for room in range(-100_000, 200_000, 8_000):
            with full(office.home, size + room), pytest.raises(LakeUnreachable, match="space") as told:
                load()
            assert_first_day_stands(office)
            if "commit" in str(told.value.__context__):
                break
        else:
            raise AssertionError("no load met the full disk at its commit")
    left = orphans(office.ask)
    age(left)
    assert_second_day_comes_through(office)
    with office.at(morning(1)):
        steps.maintain()
    assert orphans(office.ask) == []
    assert [file for file in left if Path(file).exists()] == []


def test_a_file_that_could_not_be_published_leaves_the_last_one(office: Office) -> None:
    with office.at(morning(1)):
        sync_city(office.city, morning(1))
        write_mart(10)
        publish(fresh={"sizes"})
        write_mart(300_000)
        with full(office.home, ENOUGH_FOR_SMALL_THINGS), pytest.raises(LakeUnreachable, match="space"):
            publish(fresh={"sizes"})
        assert published_rows() == 10
        publish(fresh={"sizes"})
        assert published_rows() == 300_000
    assert drafts(office.home) == []


def write_mart(rows: int) -> None:
    with writer_lock(), connect() as connection:
        connection.execute(f"CREATE OR REPLACE TABLE marts.sizes AS SELECT hash(range) AS value FROM range({rows})")


def published_rows() -> int:
    with connect_published(published_file()) as connection:
        (rows,) = connection.execute("SELECT count(*) FROM marts.sizes").fetchone() or (0,)
    return int(rows)
