"""One lake writer at a time, readers unlimited.

Several threads that commit at once made DuckLake lose tables (upstream issues 1248 and 1404), and a SQLite catalogue
refuses parallel writers, so every write transaction, dbt's build included, holds this lock.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from cities import home
from lake.place import lake_place

ADVISORY_KEY = 0x_C1_71_C1_A4
"""The number of CivicLake's advisory lock in a PostgreSQL catalogue."""


@contextmanager
def writer_lock() -> Iterator[None]:
    """Wait for the lake's writer lock and hold it; the death of the process frees it.

    A local catalogue locks a file, which must not lie on a network file system; a PostgreSQL catalogue takes an
    advisory lock on a session of its own.
    """
    place = lake_place()
    if place.is_shared:
        with psycopg.connect(place.catalogue, autocommit=True) as session:
            session.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_KEY])
            yield
    else:
        with (home() / "lake" / "writer.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
