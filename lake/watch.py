"""What the monitoring did: its cycles, and which feeds it watches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import duckdb

from cities import City, now
from lake.connection import connect
from lake.lock import writer_lock
from lake.tables import prepare


def record_cycle(city: City, instant: datetime, run_id: str, started_at: datetime, failed: int) -> None:
    """Write that a cycle has read the watched feeds, and `failed` of them could not be; once for an instant."""
    prepare()
    with writer_lock(), connect() as connection:
        connection.begin()
        _sync_watched(connection, city)
        connection.execute(
            """INSERT INTO ops.watch_cycle BY NAME
            SELECT $instant AS instant, $run_id AS run_id, $started_at AS started_at, $collected_at AS collected_at,
                $feeds AS feeds, $failed AS failed
            WHERE NOT EXISTS (FROM ops.watch_cycle WHERE instant = $instant)""",
            {
                "instant": instant, "run_id": run_id, "started_at": started_at, "collected_at": now(),
                "feeds": len(city.watched), "failed": failed,
            },
        )  # fmt: skip
        connection.commit()


def has_clock() -> bool:
    """Return whether the lake knows the city's files and a now: a build, or a cycle, was here before."""
    prepare()
    with connect() as connection:
        return connection.execute("FROM ops.clock").fetchone() is not None


@contextmanager
def as_of(instant: datetime) -> Iterator[None]:
    """Hold the writer lock, and let the models of a cycle take an instant for now; the builds keep their own."""
    with writer_lock():
        with connect() as connection:
            connection.begin()
            connection.execute("DELETE FROM ops.watch_clock")
            connection.execute("INSERT INTO ops.watch_clock VALUES (?)", [instant])
            connection.commit()
        yield


def _sync_watched(connection: duckdb.DuckDBPyConnection, city: City) -> None:
    wanted = sorted((feed, city.department_of(feed).id) for feed in city.watched)
    if sorted(connection.execute("FROM ops.watched").fetchall()) == wanted:
        return
    connection.execute("DELETE FROM ops.watched")
    if wanted:
        connection.executemany("INSERT INTO ops.watched VALUES (?, ?)", wanted)
