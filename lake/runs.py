"""What was run and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from cities import now
from lake.connection import connect
from lake.lock import writer_lock


def record_run(
    run_id: str, dag_id: str, step: str, feed: str | None, state: str, message: str, started_at: datetime
) -> None:
    """Write one row of `ops.run`; `state` is success or failed, `message` names no personal value."""
    with writer_lock(), connect() as connection:
        connection.execute(
            "INSERT INTO ops.run VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [run_id, dag_id, step, feed, state, message, started_at, now()],
        )


@dataclass(frozen=True)
class BuildState:
    """How the last build of a day ended; one that did not run has failed."""

    status: Literal["ok", "failed"]
    started_at: datetime
    finished_at: datetime
    message: str
    run_id: str | None = None


def last_build(before: datetime) -> BuildState:
    """Return how the newest build of the day before an instant ended; one that did not run or not end has failed."""
    with connect() as connection:
        row = connection.execute(
            """SELECT state, started_at, finished_at, message, run_id FROM ops.run
            WHERE step = 'build' AND finished_at > ? AND finished_at >= (SELECT max(as_of) FROM ops.clock)
            ORDER BY finished_at DESC, started_at DESC LIMIT 1""",
            [before - timedelta(days=1)],
        ).fetchone()
    if row is None:
        return BuildState("failed", before, now(), "no build was run")
    return BuildState("ok" if row[0] == "success" else "failed", *row[1:])
