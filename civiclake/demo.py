"""The demo: the sandbox city's next morning, from its departments' systems to the report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from cities import home
from cities.home import PROJECT

SANDBOX_ORIGIN = "http://127.0.0.1:8765"
"""The address that the sandbox city's files give; the demo serves on a free port instead."""

FIRST_DAY = date(2026, 10, 26)
"""The sandbox city's day 0."""

COLLECTS_AFTER, REPORTS_AFTER = timedelta(minutes=2), timedelta(minutes=12)
"""The departments' systems stand as of 6:30; the data office collects at 6:32 and reports at 6:42."""


@dataclass(frozen=True)
class Morning:
    """One morning of the sandbox city: its day number, and when the data office collects and reports."""

    day: int
    collects_at: datetime
    reports_at: datetime


def finance_address() -> str:
    """Return where the sandbox's finance department keeps its books: `CIVICLAKE_SANDBOX_FINANCE`, or a SQLite file.

    The department's city file names the same variable and the same file.
    """
    return os.environ.get("CIVICLAKE_SANDBOX_FINANCE") or f"sqlite:///{home() / 'sandbox' / 'finance.db'}"


@contextmanager
def morning(day: int, scale: float) -> Iterator[Morning]:
    """Serve the sandbox city's systems as they stand on a day, and rehearse that morning in this process."""
    server = subprocess.Popen(
        [
            sys.executable, "-m", "sandbox", "serve", "--port", "0", "--scale", str(scale), "--day", str(day),
            "--finance", finance_address(),
        ],
        cwd=PROJECT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        line = server.stdout.readline()
        if not line:
            raise RuntimeError(f"the sandbox city did not start: exit code {server.wait()}")
        told = json.loads(line)
        opened = datetime.fromisoformat(told["now"])
        os.environ["CIVICLAKE_ORIGINS"] = f"{SANDBOX_ORIGIN}={told['url'].rstrip('/')}"
        yield Morning(day, opened + COLLECTS_AFTER, opened + REPORTS_AFTER)
    finally:
        server.terminate()
        server.wait(10)
        for name in ("CIVICLAKE_ORIGINS", "CIVICLAKE_NOW"):
            os.environ.pop(name, None)


def next_day() -> int:
    """Return the sandbox day that follows the last morning whose build came through; 0 at the beginning."""
    from lake import connect, prepare

    prepare()
    with connect() as connection:
        row = connection.execute(
            "SELECT max(started_at) FROM ops.run WHERE step = 'build' AND state = 'success'"
        ).fetchone()
    if row is None or row[0] is None:
        return 0
    return (row[0].date() - FIRST_DAY).days + 1


def run_demo(day: int | None, scale: float) -> int:
    """Run a morning of the sandbox city, the next one when none is named, and print its summary; returns the exit code.

    A department that sends nothing is part of the rehearsal and named in the summary; the code is 1 only when the
    build or the report failed.
    """
    from cities import read_city
    from civiclake.embedded import BUILD_AND_REPORT, run_dags
    from civiclake.progress import Progress
    from civiclake.runs import tell_failures

    with morning(next_day() if day is None else day, scale) as today, Progress() as progress:
        city = read_city()
        progress.console.print(f"{city.title['en']}, {today.reports_at.astimezone(city.zone):%A %-d %B %Y, %-H:%M}")
        os.environ["CIVICLAKE_NOW"] = today.collects_at.isoformat()
        collected = run_dags({department: {} for department in city.departments}, today.collects_at, progress)
        os.environ["CIVICLAKE_NOW"] = today.reports_at.isoformat()
        built = run_dags(BUILD_AND_REPORT, today.reports_at, progress)
    if not built.failed:
        _print_summary(today, collected.failed)
    return tell_failures(built)


def _print_summary(today: Morning, failed: list[str]) -> None:
    from dags.steps import delivery_id_of
    from lake import connect_published, published_file

    with connect_published(published_file()) as connection:
        departments, deliveries, received, accepted, unchanged, duplicate, set_aside = connection.execute(
            """SELECT count(DISTINCT department), count(*), sum(received), sum(accepted), sum(unchanged),
                sum(duplicate), sum(set_aside)
            FROM ops.delivery WHERE delivery_id = ?""",
            [delivery_id_of(today.collects_at)],
        ).fetchone() or (0,) * 7
        marts = connection.execute("SELECT count(*) FROM duckdb_tables() WHERE schema_name = 'marts'").fetchone()
    told = json.loads((home() / "site" / "report.json").read_text())
    pages = home() / "site" / "en" / "index.html"
    lines = [
        f"Sandbox day {today.day}: {departments} departments sent {deliveries} deliveries with {received:,} records.",
        f"  accepted {accepted:,}   unchanged {unchanged:,}   duplicate {duplicate:,}   set aside {set_aside:,}",
        f"  marts {marts[0] if marts else 0}   city data score {told['score']['city']['value']}",
        *([f"  did not come through: {', '.join(failed)}"] if failed else []),
        f"  {told['verdict']['headline']['en']}",
        "",
        f"Report:     {pages}",
        "Next day:   make demo",
        "Feeds:      .venv/bin/civiclake status",
        "Why:        .venv/bin/civiclake status hotline__requests",
        "Marts:      .venv/bin/civiclake query 'from marts.area_profile_monthly limit 5'",
    ]
    print("\n".join(lines))
