"""One run of a feed in a process of its own, which tells each thing that it is about to do to files and lake.

The processes are forked from a server that has imported everything and has opened nothing, so that a run starts in
milliseconds. What is watched is the border of Python and DuckDB, not the names of our own functions.
"""

from __future__ import annotations

import logging
import os
import re
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import duckdb

import extractors  # noqa: F401  imported before the fork: it takes seconds
import lake  # noqa: F401
from contracts import all_contracts
from dags import steps

all_contracts()

Place = tuple[str, str]
"""A step and what it is about to do."""

GO_ON = signal.SIGUSR1
"""Lets a run that was stopped at a place go on."""

TOUCHES = {"os.rename", "os.mkdir", "os.link", "os.remove", "shutil.rmtree", "open"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@dataclass
class Told:
    """Tells every place over a pipe, and waits for its end at one that it was told to stop at."""

    pipe: Connection
    home: str
    stop: tuple[Place, int] | None
    step: str = "start"

    def at(self, what: str) -> None:
        """Tell that something is about to be done."""
        place = (self.step, what)
        self.pipe.send(place)
        if self.stop and self.stop[0] == place:
            self.stop = (place, self.stop[1] - 1)
            if self.stop[1] == 0:
                signal.sigwait({GO_ON})

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Tell of files under the home that Python makes, renames or removes."""
        if event not in TOUCHES or (event == "open" and not (arguments[2] or 0) & WRITING):
            return
        path = str(arguments[1 if event in ("os.rename", "os.link") else 0])
        if path.startswith(f"{self.home}/") and not (event == "os.mkdir" and Path(path).is_dir()):
            self.at(f"{event} {shape(path[len(self.home) + 1 :])}")


def shape(path: str) -> str:
    """Return a path under the home without numbers and names that differ from run to run."""
    return re.sub(r"\d+(T\d+Z)?", "*", re.sub(r"/\.[^/]+", "/draft", path))


def words(sql: str) -> str:
    """Return the first words of a statement, which say what it does."""
    return " ".join(re.sub(r"'[^']*'", "", sql).split()[:3])


def run(pipe: Connection, environment: dict[str, str], feed_id: str, run_id: str, stop: Any) -> None:
    """Fetch, check and load a feed once; what the load did, or why the run failed, is told last."""
    for name in [name for name in os.environ if name.startswith("CIVICLAKE_")]:
        del os.environ[name]
    os.environ.update(environment)
    logging.disable(logging.CRITICAL)
    signal.pthread_sigmask(signal.SIG_BLOCK, {GO_ON})
    told = Told(pipe, environment["CIVICLAKE_HOME"], stop)
    sys.addaudithook(told.hear)
    tell_statements(told)
    try:
        pipe.send(bring(told, feed_id, run_id, datetime.fromisoformat(environment["CIVICLAKE_NOW"])))
    except Exception as error:
        pipe.send({"error": f"{type(error).__name__}: {error}"})


def bring(told: Told, feed_id: str, run_id: str, instant: datetime) -> dict[str, Any]:
    """Do the three steps, and tell where each begins."""
    told.step = "fetch"
    by_cursor = {"start": None, "end": None, "full_refresh": False}
    place = steps.fetch_feed(feed_id, instant, run_id, by_cursor)
    told.step = "check"
    told.at("begin")
    steps.check_feed(feed_id, place, run_id)
    told.step = "load"
    told.at("begin")
    loaded = steps.load_feed(feed_id, place, run_id)
    told.at("end")
    return loaded


def tell_statements(told: Told) -> None:
    """Let every DuckDB connection tell what it is about to do, and that a transaction is committed."""
    connection: Any = duckdb.DuckDBPyConnection
    connection.execute = telling(connection.execute, lambda sql, *_: told.at(words(str(sql))))
    for name in ("begin", "commit"):
        setattr(connection, name, telling(getattr(connection, name), lambda name=name: told.at(name.upper())))
    commit = connection.commit

    def committed(self: Any) -> Any:
        result = commit(self)
        told.at("COMMITTED")
        return result

    connection.commit = committed


def telling(method: Callable[..., Any], tell: Callable[..., None]) -> Callable[..., Any]:
    """Return a method that tells before it does its work."""

    @wraps(method)
    def wrapped(self: Any, *arguments: Any, **named: Any) -> Any:
        tell(*arguments)
        return method(self, *arguments, **named)

    return wrapped
