"""Starts runs and kills them, at a place or some time after one, and tells where that was."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any
from unittest.mock import patch

from cities.home import PROJECT
from tests.faults.office import Office
from tests.faults.runner import GO_ON, Place, run

FORKS = multiprocessing.get_context("forkserver")
KILLED = (-signal.SIGKILL,)


@contextmanager
def fork_server() -> Iterator[None]:
    """Start the server from which runs are forked, with everything imported."""
    FORKS.set_forkserver_preload(["tests.faults.runner"])
    with patch.dict(os.environ, {"PYTHONPATH": str(PROJECT), "POLARS_MAX_THREADS": "2"}):
        multiprocessing.forkserver.ensure_running()  # type: ignore[attr-defined]
    yield


@dataclass(frozen=True)
class Aim:
    """Where to kill: before the n-th time that a place is reached, or `after` seconds of going on from there."""

    place: Place
    nth: int = 1
    after: float | None = None


@dataclass
class Ended:
    """How a run ended: the places that it reached, and what its load did or the words with which it failed."""

    places: list[Place] = field(default_factory=list)
    loaded: dict[str, Any] | None = None
    error: str | None = None
    was_killed: bool = False

    @property
    def last(self) -> Place:
        """The last place reached: a killed run died between this one and the next."""
        return self.places[-1] if self.places else ("start", "")


@dataclass
class Attempt:
    """A run that is going on."""

    process: Any
    pipe: Connection
    ended: Ended = field(default_factory=Ended)

    @classmethod
    def started(cls, office: Office, feed_id: str, instant: datetime, run_id: str, aim: Aim | None) -> Attempt:
        """Start a run; with an aim that has no time, it waits there for its end."""
        ours, theirs = FORKS.Pipe(duplex=False)
        stop = (aim.place, aim.nth) if aim and aim.after is None else None
        process = FORKS.Process(target=run, args=(theirs, office.environment(instant), feed_id, run_id, stop))
        process.start()
        theirs.close()
        return cls(process, ours)

    def hear(self, aim: Aim | None = None) -> bool:
        """Listen until the aim is reached (True) or the run is over."""
        left = aim.nth if aim else 0
        while True:
            try:
                told = self.pipe.recv()
            except EOFError:
                return False
            if isinstance(told, dict):
                self.ended.error = told.get("error")
                self.ended.loaded = None if self.ended.error else told
                continue
            self.ended.places.append(told)
            if aim and told == aim.place and (left := left - 1) == 0:
                return True

    def kill(self) -> None:
        """End the process at once."""
        self.process.kill()

    def end(self, stops: tuple[int, ...] = KILLED) -> Ended:
        """Wait for the end and return it; of the signals only those of `stops` may have brought it."""
        self.hear()
        self.process.join()
        ended_with = self.process.exitcode
        self.ended.was_killed = ended_with in stops
        assert ended_with in (0, *stops), f"the run ended with {ended_with} at {self.ended.last}"
        if self.ended.was_killed:
            self.ended.loaded = None
        self.process.close()
        return self.ended


def attempt(
    office: Office,
    feed_id: str,
    instant: datetime,
    run_id: str = "run",
    aim: Aim | None = None,
    strike: Callable[[], object] | None = None,
    stops: tuple[int, ...] = KILLED,
) -> Ended:
    """Do a run, kill it where it was aimed at, or strike something else there, and return how it ended."""
    going = Attempt.started(office, feed_id, instant, run_id, aim)
    if aim and going.hear(aim):
        time.sleep(aim.after or 0)
        (strike or going.kill)()
        if strike and aim.after is None:
            os.kill(going.process.pid, GO_ON)
    return going.end(stops)
