"""A real lake, small enough to be written by hand, on which dbt runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from dbt.cli.main import dbtRunner

import lake
from dags.dbt_build import DBT_PROJECT, dbt_environment

FIRST_LOAD = datetime(2026, 1, 1, tzinfo=UTC)

NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
"""Arguments of a build like the one of every morning."""

HAND_WRITTEN = (*NO_UNIT_TESTS, "--exclude", "staging,resource_type:test", "source:*")
"""Arguments of a build without unit tests and without the tests that are generated from the contracts."""


@dataclass
class SmallLake:
    """The lake under one home, with the two things a test does to it: adding rows and running dbt."""

    home: Path
    loads: int = 0

    def add(self, table: str, *rows: Mapping[str, Any]) -> None:
        """Insert rows by column name; the columns not given are blank."""
        columns = list(dict.fromkeys(column for row in rows for column in row))
        places = ", ".join([f"({', '.join('?' * len(columns))})"] * len(rows))
        with self.connect() as connection:
            connection.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES {places}",
                [row.get(column) for row in rows for column in columns],
            )

    def deliver(self, feed: str, kind: str, *rows: Mapping[str, Any]) -> None:
        """Add records of a kind as one delivery of a feed; each delivery is loaded a second after the one before."""
        self.loads += 1
        stamps = {
            "_feed": feed,
            "_delivery_id": f"{self.loads:05}",
            "_op": "U",
            "_loaded_at": FIRST_LOAD + timedelta(seconds=self.loads),
        }
        self.add(f"records.{kind}", *[{**stamps, "_rec": position, **row} for position, row in enumerate(rows)])

    def dbt(self, *arguments: str) -> dict[str, str]:
        """Run dbt and return how each node ended, by name."""
        with self._environment() as environment:
            for name, value in dbt_environment().items():
                environment.setenv(name, value)
            ended = _invoke(_manifest(), arguments, self.home / "dbt")
        return {one.node.name: str(one.status) for one in ended}

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return what a query on the lake answers."""
        with self.connect() as connection:
            return connection.execute(sql).fetchall()

    def row(self, sql: str) -> dict[str, Any]:
        """Return the only row that a query answers, by column name."""
        with self.connect() as connection:
            answer = connection.execute(sql)
            names = [column[0] for column in answer.description or []]
            [values] = answer.fetchall()
        return dict(zip(names, values, strict=True))

    @contextmanager
    def connect(self) -> Iterator[Any]:
        """Yield a connection to this lake, whatever home the test has."""
        with self._environment(), lake.connect() as connection:
            yield connection

    @contextmanager
    def _environment(self) -> Iterator[pytest.MonkeyPatch]:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("CIVICLAKE_HOME", str(self.home))
            yield environment


@cache
def _manifest() -> Any:
    """Read the project: that takes longer than to build a small lake."""
    with TemporaryDirectory(prefix="civiclake-dbt-") as folder:
        return _invoke(None, ("parse",), Path(folder))


def _invoke(manifest: Any, arguments: Sequence[str], folder: Path) -> Any:
    outcome = dbtRunner(manifest=manifest).invoke([
        *arguments, "--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT), "--quiet",
        "--target-path", str(folder), "--log-path", str(folder),
    ])  # fmt: skip
    assert outcome.exception is None, outcome.exception
    return outcome.result


def new_lake(home: Path) -> SmallLake:
    """Make a lake with all its tables and no row."""
    small = SmallLake(home)
    with small._environment():
        lake.prepare()
    return small


def failed(outcome: Mapping[str, str]) -> dict[str, str]:
    """Return the nodes of a dbt run that did not come through."""
    return {name: status for name, status in outcome.items() if status not in ("success", "pass", "no-op")}
