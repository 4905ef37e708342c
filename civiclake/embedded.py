"""Runs the city's own DAGs inside this process, one after another, without a scheduler."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cities import home
from civiclake.airflow_environment import has_tables, set_environment
from civiclake.progress import Progress
from dags.steps import delivery_id_of

STEPS_LOGGER = "civiclake.steps"

WANTED = "_AIRFLOW_PARSING_CONTEXT_DAG_ID"
"""The variable in which Airflow tells DAG files which DAG alone is wanted (`airflow.sdk.get_parsing_context`)."""

BUILD_AND_REPORT: dict[str, dict[str, Any]] = {"build": {}, "report": {}}
"""What follows when departments were collected."""


@dataclass
class Ended:
    """How a run of DAGs ended: the state of each, in order."""

    states: dict[str, str] = field(default_factory=dict)

    @property
    def failed(self) -> list[str]:
        """The DAGs that did not succeed."""
        return [dag_id for dag_id, state in self.states.items() if state != "success"]


def run_dags(confs: Mapping[str, dict[str, Any]], instant: datetime, progress: Progress) -> Ended:
    """Run DAGs for an instant, each with its parameters, in order, and return how each ended.

    What they print goes to a run log; `progress` listens to the logger through which the steps tell how they get on.
    """
    ended = Ended()
    log_file = home() / "logs" / f"{delivery_id_of(instant)}.log"
    log_file.parent.mkdir(exist_ok=True)
    with _output_into(log_file):
        bag = _dag_bag()
        with _listening(progress):
            for dag_id, conf in confs.items():
                with _alone(dag_id):
                    run = bag.dags[dag_id].test(logical_date=instant, run_after=instant, run_conf=conf)
                ended.states[dag_id] = str(run.state)
    return ended


def _dag_bag() -> Any:
    """Return the DAGs of the DAG folder; the metadata database is made at the first run."""
    folder = set_environment("embedded.db")
    if not has_tables(folder / "embedded.db"):
        from airflow.utils.db import initdb

        initdb()
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
    if bag.import_errors:
        raise RuntimeError("the DAG folder cannot be read:\n" + "\n".join(bag.import_errors.values()))
    return bag


@contextmanager
def _alone(dag_id: str) -> Iterator[None]:
    """Let the DAG files make one DAG only, as they do for a task.

    Each test run of a DAG reads all of them again and writes them to the metadata database, which would take the
    square of the departments.
    """
    os.environ[WANTED] = dag_id
    try:
        yield
    finally:
        del os.environ[WANTED]


class _Listener(logging.Handler):
    """Hands the steps' own log records to the progress display."""

    def __init__(self, progress: Progress) -> None:
        super().__init__(logging.INFO)
        self.progress = progress

    def emit(self, record: logging.LogRecord) -> None:
        told = record.__dict__
        if "step" in told:
            failure = record.args[-1] if told["state"] == "failed" and isinstance(record.args, tuple) else None
            self.progress.on_step(told["step"], told["feed"], told["state"], told.get("told", {}), failure)


@contextmanager
def _listening(progress: Progress) -> Iterator[None]:
    logger, listener = logging.getLogger(STEPS_LOGGER), _Listener(progress)
    logger.setLevel(logging.INFO)
    logger.addHandler(listener)
    try:
        yield
    finally:
        logger.removeHandler(listener)


@contextmanager
def _output_into(file: Path) -> Iterator[None]:
    """Send what Airflow and dbt print, on both descriptors, into a run log."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    with file.open("ab") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        try:
            yield
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os.dup2(kept[0], 1)
            os.dup2(kept[1], 2)
            for descriptor in kept:
                os.close(descriptor)
