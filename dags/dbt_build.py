"""Runs dbt in this process, over what is to be built again, and tells which marts came through."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cities import home
from cities.home import PROJECT
from dags.build_catalogue import describe
from dags.build_plan import CLOCKS, Plan, Planner, ancestors, blocked
from dags.build_tests import can_be_asked, judge
from lake import connect
from lake.built import NEVER, Mark, State, code_of, read_marks, read_state, write_marks
from lake.catalogue import TableEntry
from lake.connection import is_large
from lake.place import extension_directory, lake_place

ACTIONS = "int_actions_wanted"
DBT_PROJECT = PROJECT / "dbt_project"
CHOSEN = "chosen"
"""The tag of what dbt is to build and test, while it does."""
PLAN, LARGE = "CIVICLAKE_DBT_PLAN", "CIVICLAKE_DBT_IS_LARGE"
"""The variables that tell the project's materialization what changed (without it, it compares all rows), and whether
the lake is so large that several threads pay."""


class DbtFailed(RuntimeError):
    """A model or a test did not come through; the message names them."""


@dataclass
class DbtResult:
    """How a build ended: what was built and tested, what failed in words, and which marts came through or did not.

    `tables` is what the project says of its tables.
    """

    models: int = 0
    tests: int = 0
    failed: list[str] = field(default_factory=list)
    built_marts: set[str] = field(default_factory=set)
    failed_marts: set[str] = field(default_factory=set)
    tables: list[TableEntry] = field(default_factory=list)

    @property
    def fresh_marts(self) -> set[str]:
        """The marts that say what the lake says, and of which all tests passed."""
        return self.built_marts - self.failed_marts

    @property
    def wants_actions(self) -> bool:
        """Whether what is wanted of people was worked out and passed all its tests."""
        return ACTIONS not in self.failed_marts


def target_folder() -> Path:
    """Return where dbt keeps what it read of the project and what it made of each model."""
    return home() / "dbt" / "target"


def dbt_environment() -> dict[str, str]:
    """Return what `profiles.yml` asks of the environment, and dbt's own switches: no telemetry, nothing in the tree."""
    place = lake_place()
    return {
        "CIVICLAKE_DBT_ATTACH": place.attach_target,
        "CIVICLAKE_DBT_DATA_PATH": place.data,
        "CIVICLAKE_DBT_EXTENSIONS": str(extension_directory()),
        "CIVICLAKE_DBT_SPILL": str(home() / "spill"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


def run_dbt(full_refresh: bool = False) -> DbtResult:
    """Build and test all seeds and models that other inputs or other code would make say something else.

    With `full_refresh` all of them, from nothing. The caller holds the lake's writer lock.
    """
    return _build(_parse(target_folder()), ("model", "seed", "test"), full_refresh)


def run_selected(tag: str) -> DbtResult:
    """Build the models of a tag and what they stand on in the same way, without tests, as of the monitoring's own now.

    What the last whole build left of dbt's own files stays. The caller holds the lake's writer lock.
    """
    project = _parse(home() / "dbt" / tag, "watch")
    above = ancestors(project.manifest)
    tagged = {name for name, node in project.manifest.nodes.items() if tag in node.tags}
    project.chosen = tagged.union(*(above[name] for name in tagged))
    return _build(project, ("model", "seed"))


@dataclass
class Project:
    """The dbt project as it is read for a target of its profile, and where it leaves its results.

    `chosen` are the nodes that are meant, all when it is empty. `is_large` tells of the lake when they are built.
    """

    manifest: Any
    folder: Path
    target: str
    code: str
    chosen: set[str] = field(default_factory=set)
    is_large: bool = False


def _parse(folder: Path, target: str = "lake") -> Project:
    os.environ.update(dbt_environment())
    return Project(_invoke(["parse"], folder, target), folder, target, code_of(DBT_PROJECT))


def _build(project: Project, kinds: tuple[str, ...], full_refresh: bool = False) -> DbtResult:
    manifest = project.manifest
    nodes = [name for name, node in manifest.nodes.items() if node.resource_type in kinds]
    nodes = [name for name in nodes if not project.chosen or name in project.chosen]
    with connect() as connection:
        marks = {} if full_refresh else read_marks(connection, project.code)
        state = read_state(connection, _oldest(marks), CLOCKS[project.target])
        project.is_large = is_large(connection)
    plan = Planner(manifest, marks, state).plan(nodes)
    wanted = {one for one in plan.tests if can_be_asked(manifest.nodes[one])}
    results = _run(project, plan, plan.tests - wanted, full_refresh)
    asked = {one for one in wanted if not {*_failed(results)} & {*manifest.nodes[one].depends_on_nodes}}
    known = _compiled(project, asked - marks.keys()) | marks
    with connect() as connection:
        state = read_state(connection, _oldest(marks), CLOCKS[project.target])
        # what they look at might have changed, but much of it was left as it was
        stale = Planner(manifest, known, state).plan(asked).tests
        passed = judge(connection, manifest, stale, known, state)
    results += _run(project, Plan(), stale - passed)
    sound = {one for one in nodes if one not in plan.models | plan.tests} | (asked - stale) | passed
    _mark(project, known, sound, results)
    return _summed(manifest, results, len(passed), wanted - asked)


def _compiled(project: Project, tests: set[str]) -> dict[str, Mark]:
    """Let dbt write the queries of tests that have no mark, and return marks that tell no more than these."""
    ended = _invoke_on(project, tests, "compile")
    return {
        one.node.unique_id: Mark(one.node.unique_id, project.code, None, NEVER, None, one.node.compiled_code)
        for one in ended
    }


def _oldest(marks: dict[str, Mark]) -> int | None:
    return min((mark.snapshot for mark in marks.values()), default=None)


def _run(project: Project, plan: Plan, tests: set[str], full_refresh: bool = False) -> list[Any]:
    """Let dbt build what is stale and run these tests, and return how each node ended."""
    with _told(plan, project.is_large):
        return _invoke_on(project, plan.models | tests, "build", *(["--full-refresh"] if full_refresh else []))


def _invoke_on(project: Project, chosen: set[str], verb: str, *options: str) -> list[Any]:
    """Let dbt do something with these nodes alone, and return how each of them ended."""
    if not chosen:
        return []
    with _tagged([project.manifest.nodes[one] for one in chosen]):
        return list(_invoke(
            [verb, "--select", f"tag:{CHOSEN}", "--indirect-selection", "empty", *options],
            project.folder, project.target, project.manifest,
        ))  # fmt: skip


def _invoke(arguments: list[str], folder: Path, target: str, manifest: Any = None) -> Any:
    from dbt.cli.main import dbtRunner

    outcome = dbtRunner(manifest=manifest).invoke([
        *arguments, "--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT),
        "--target", target, "--target-path", str(folder), "--log-path", str(home() / "dbt" / "logs"),
        # its log tells all; what it tells besides, on the console and of its project, nobody reads, and it takes time
        "--no-use-colors", "--no-version-check", "--log-level", "none", "--no-write-json",
    ])  # fmt: skip
    if outcome.exception is not None:
        raise DbtFailed(f"dbt could not start: {lake_place().without_password(str(outcome.exception))}") from None
    return outcome.result


@contextmanager
def _tagged(nodes: list[Any]) -> Iterator[None]:
    """Let dbt choose nodes by one tag: each name it would compare with those of all nodes, several times."""
    for node in nodes:
        node.tags.append(CHOSEN)
    try:
        yield
    finally:
        for node in nodes:
            node.tags.remove(CHOSEN)


@contextmanager
def _told(plan: Plan, is_large: bool) -> Iterator[None]:
    told = {PLAN: json.dumps(plan.how), LARGE: "yes" if is_large else "no"}
    os.environ.update(told)
    try:
        yield
    finally:
        for name in told:
            del os.environ[name]


def _mark(project: Project, marks: dict[str, Mark], sound: set[str], results: list[Any]) -> None:
    """Mark what came through or was not to be built again: all of it has seen the lake as it is now.

    A model that failed keeps its last mark, since it stands as it was; a test that failed is to be run in any case.
    """
    ended = {one.node.unique_id: one for one in results}
    failed = set(_failed(results))
    sql = {name: mark.sql for name, mark in marks.items()}
    sql |= {name: one.node.compiled_code for name, one in ended.items() if str(one.node.resource_type) == "test"}
    nodes = project.manifest.nodes
    with connect() as connection:
        state: State = read_state(connection, None, CLOCKS[project.target])
        write_marks(
            connection,
            [Mark(one, project.code, _table_id(nodes[one], state), state.snapshot, state.as_of, sql.get(one))
             for one in sound | ended.keys() - failed],
            [one for one in failed if nodes[one].resource_type == "test"],
        )  # fmt: skip


def _failed(results: list[Any]) -> list[str]:
    return [one.node.unique_id for one in results if not _came_through(one)]


def _table_id(node: Any, state: State) -> int | None:
    return None if node.resource_type == "test" else state.tables.get(f"{node.schema}.{node.alias}")


def _came_through(result: Any) -> bool:
    return str(result.status) in ("success", "pass", "warn", "no-op")


def _summed(manifest: Any, results: list[Any], asked: int, unasked: set[str]) -> DbtResult:
    """Sum a build up, in which tests passed without dbt, and some could not be asked for want of what they look at."""
    summed = DbtResult(tests=asked, tables=describe(manifest))
    summed.built_marts = {node.name for node in manifest.nodes.values() if _is_mart(node)}
    for one in results:
        summed.models += str(one.node.resource_type) == "model"
        summed.tests += str(one.node.resource_type) == "test"
        if not _came_through(one) and str(one.status) != "skipped":
            # what a database says of an error may hold a value: that stays in dbt's own log
            summed.failed.append(f"{one.node.name} ({one.message if one.status == 'fail' else one.status})")
    summed.failed_marts = {manifest.nodes[one].name for one in blocked(manifest, {*_failed(results), *unasked})}
    return summed


def _is_mart(node: Any) -> bool:
    return str(node.resource_type) == "model" and node.schema == "marts"
