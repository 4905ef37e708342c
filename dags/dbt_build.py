"""Runs dbt in this process and tells which marts came through."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cities import home
from cities.home import PROJECT
from lake.place import extension_directory, lake_place

DBT_PROJECT = PROJECT / "dbt_project"


class DbtFailed(RuntimeError):
    """A model or a test did not come through; the message names them."""


@dataclass
class DbtResult:
    """How a build ended: what was built and tested, what failed in words, and which marts came through or did not."""

    models: int = 0
    tests: int = 0
    failed: list[str] = field(default_factory=list)
    built_marts: set[str] = field(default_factory=set)
    failed_marts: set[str] = field(default_factory=set)

    @property
    def fresh_marts(self) -> set[str]:
        """The marts that were built and passed all their tests."""
        return self.built_marts - self.failed_marts


def target_folder() -> Path:
    """Return where dbt keeps its manifest and results."""
    return home() / "dbt" / "target"


def manifest_file() -> Path:
    """Return dbt's manifest of the last build: what stands on what."""
    return target_folder() / "manifest.json"


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
    """Build all seeds, models and tests. The caller holds the lake's writer lock."""
    from dbt.cli.main import dbtRunner

    os.environ.update(dbt_environment())
    arguments = [
        "build", "--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT),
        "--target-path", str(target_folder()), "--log-path", str(home() / "dbt" / "logs"),
        "--no-use-colors", "--no-version-check", "--exclude-resource-type", "unit_test",
        *(["--full-refresh"] if full_refresh else []),
    ]  # fmt: skip
    outcome = dbtRunner().invoke(arguments)
    if outcome.exception is not None:
        raise DbtFailed(f"dbt could not start: {lake_place().without_password(str(outcome.exception))}") from None
    return _summed(list(outcome.result))


def _summed(results: list[Any]) -> DbtResult:
    summed = DbtResult()
    for one in results:
        node, status, is_model = one.node, str(one.status), str(one.node.resource_type) == "model"
        summed.models += is_model
        summed.tests += str(node.resource_type) in ("test", "unit_test")
        if is_model and node.schema == "marts":
            summed.built_marts.add(node.name)
        if status in ("success", "pass", "warn", "no-op"):
            continue
        if status != "skipped":
            # what a database says of an error may hold a value: that stays in dbt's own log
            summed.failed.append(f"{node.name} ({one.message if status == 'fail' else status})")
        judged = [node.unique_id, *node.depends_on.nodes]
        summed.failed_marts |= {name.split(".")[-1] for name in judged if name.startswith("model.")}
    return summed
