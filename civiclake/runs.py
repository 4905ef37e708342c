"""Runs departments, build and report through their own DAGs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from cities import City, home, now
from civiclake.embedded import BUILD_AND_REPORT, Ended, run_dags
from civiclake.progress import Progress
from lake import connect_published, published_file
from reports import pdf


def run_departments(
    city: City, chosen: list[tuple[str, str | None]], instant: datetime, conf: dict[str, Any], collect_only: bool
) -> int:
    """Run the chosen (department, feed or None) and then, unless only collecting, build and report.

    Returns the exit code: 0, or 1 when something failed.
    """
    with Progress() as progress:
        confs: dict[str, dict[str, Any]] = {
            dag_id: {**conf, "feeds": feeds} for dag_id, feeds in _dags(city, chosen).items()
        }
        if not collect_only:
            confs |= BUILD_AND_REPORT
        return tell_failures(run_dags(confs, instant, progress))


def run_replay(asked: dict[str, Any], collect_only: bool) -> int:
    """Replay what is asked for and then, unless only collecting, build and report; returns the exit code."""
    with Progress() as progress:
        return tell_failures(run_dags({"replay": asked, **({} if collect_only else BUILD_AND_REPORT)}, now(), progress))


def run_report() -> int:
    """Run the report DAG alone, for the instant that the published marts stand for, and print the report's place."""
    with connect_published(published_file()) as connection:
        row = connection.execute("SELECT as_of FROM ops.clock").fetchone()
    instant: datetime = row[0].astimezone(UTC) if row else now()
    with Progress() as progress:
        code = tell_failures(run_dags({"report": {}}, instant, progress))
    if not code:
        click.echo(home() / "site" / "index.html")
    return code


def tell_failures(ended: Ended) -> int:
    """Say which DAGs failed and where to read why; return the exit code."""
    if ended.states.get("report") == "success" and not (home() / "site" / "en" / pdf.NAME).exists():
        click.echo(pdf.WHAT_TO_INSTALL, err=True)
    if ended.failed:
        click.echo(f"failed: {', '.join(ended.failed)}; the run log is in {home() / 'logs'}", err=True)
    return 1 if ended.failed else 0


def _dags(city: City, chosen: list[tuple[str, str | None]]) -> dict[str, list[str]]:
    """Return the DAGs to run and, for each, the names of the only feeds wanted (empty for all)."""
    wanted: dict[str, list[str]] = {}
    for department_id, feed_id in chosen:
        department = city.departments[department_id]
        for name, feed in department.feeds.items():
            if feed_id not in (None, f"{department_id}__{name}"):
                continue
            dag_id = f"{department_id}__{name}" if feed.schedule else department_id
            wanted.setdefault(dag_id, [])
            if feed_id is not None:
                wanted[dag_id].append(name)
    return wanted
