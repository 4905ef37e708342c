"""One lake writer at a time, readers unlimited.

Several threads that commit at once made DuckLake lose tables (upstream issues 1248 and 1404), and a SQLite catalogue
refuses parallel writers, so every write transaction, dbt's build included, holds this lock.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from cities import home
from lake.place import LakePlace, lake_place
from lake.troubles import unreachable

if TYPE_CHECKING:
    import psycopg

ADVISORY_KEY = 0x_41_71_C1_A4
"""The number of CivicLake's advisory locks in a PostgreSQL catalogue."""


@contextmanager
def writer_lock() -> Iterator[None]:
    """Wait for the lake's writer lock and hold it; the death of the process frees it.

    A local catalogue locks a file, which must not lie on a network file system; a PostgreSQL catalogue takes an
    advisory lock on a session of its own.
    """
    with _held(lake_place(), "writer", 0):
        yield


@contextmanager
def opening_lock(place: LakePlace) -> Iterator[None]:
    """Wait for the lock under which processes open the lake one by one: the first of them makes the catalogue."""
    with _held(place, "opening", 1):
        yield


@contextmanager
def _held(place: LakePlace, name: str, number: int) -> Iterator[None]:
    if place.is_shared:
        with closing(_locked_session(place, number)):
            yield
    else:
        with (home() / "lake" / f"{name}.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def _locked_session(place: LakePlace, number: int) -> psycopg.Connection[tuple[object, ...]]:
    # a lake on one machine does without it, and without the time it takes to import
    import psycopg

    try:
        session = psycopg.connect(place.catalogue, autocommit=True)
        session.execute("SELECT pg_advisory_lock(%s, %s)", [ADVISORY_KEY, number])
    except psycopg.Error as error:
        raise unreachable(place, error) from None
    return session
