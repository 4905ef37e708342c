"""`civiclake`: few verbs, data on standard output, progress on standard error.

Exit codes: 0 done; 1 it ran and something failed or a required feed is missing; 2 it could not start.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from datetime import datetime
from getpass import getuser
from itertools import groupby
from typing import Any

import click

from cities import City, home, now, read_city
from civiclake.action_verbs import action
from civiclake.alert_verbs import alert
from civiclake.emergency_verbs import emergency
from civiclake.entrance import Verbs, output_option
from civiclake.entrance import claim_lake as _claim
from civiclake.entrance import read_instant as _instant
from civiclake.entrance import stop as _stop
from civiclake.entrance import unknown as _unknown
from civiclake.output import write_rows

LAST_PORT = 65_535


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="civiclake", message="%(version)s")
def commands() -> None:
    """A city's data lake: collect, check, load, build, report."""


commands.add_command(action)
commands.add_command(alert)
commands.add_command(emergency)


@commands.command()
@click.option("--day", type=click.IntRange(0), help="the sandbox day; the next one when not given")
@click.option("--days", type=click.IntRange(1), default=1, show_default=True, help="how many mornings, one by one")
@click.option("--scale", type=click.FloatRange(0, min_open=True), default=1.0, help="size of the city's records")
def demo(day: int | None, days: int, scale: float) -> None:
    """Run the sandbox city's next morning.

    All of it happens here, from the departments' systems to the report.
    """
    from civiclake.demo import run_demo

    os.environ["CIVICLAKE_CITY"] = "sandbox"
    _claim(read_city())
    for further in range(days):
        if code := run_demo(None if day is None else day + further, scale):
            sys.exit(code)


@commands.command(name="ls")
@output_option
def list_feeds(output: str) -> None:
    """List departments and feeds as the city files have them."""
    city = read_city()
    names = ("feed", "department", "contract", "system", "due", "matters", "critical")
    rows = [
        (feed_id, city.department_of(feed_id).title["en"], *(getattr(feed, name) for name in names[2:]))
        for feed_id, feed in city.feeds.items()
    ]
    write_rows(names, rows, output)


@commands.command()
@click.option("--sample", metavar="URL|FILE", help="draft a feed from the records there instead, on standard output")
@click.option("--contract", metavar="KIND", help="of the draft: its kind of record; else the one that fits best")
@click.option("--department", metavar="NAME", help="of the draft: the department that it belongs to")
def check(sample: str | None, contract: str | None, department: str | None) -> None:
    """Check the city files against the contracts.

    No department is asked. With --sample, draft a feed.
    """
    from contracts.fit import misfits

    city = read_city()
    if sample:
        sys.exit(_draft(city, sample, contract, department))
    if contract or department:
        _stop("--contract and --department say what to draft; give --sample with an address or a file too")
    problems = misfits(city)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        sys.exit(1)
    click.echo(f"{city.id}: {len(city.departments)} departments, {len(city.feeds)} feeds, no mistake found")


@commands.command()
@click.argument("names", nargs=-1, metavar="[DEPARTMENT|FEED]...")
@click.option("--from", "start", help="back-fill from this instant (ISO 8601 with offset); the cursor stays")
@click.option("--to", "end", help="and before this one")
@click.option("--full-refresh", is_flag=True, help="ask for everything, whatever was read before")
@click.option("--collect-only", is_flag=True, help="no build and no report afterwards")
def run(names: tuple[str, ...], start: str | None, end: str | None, full_refresh: bool, collect_only: bool) -> None:
    """Fetch, check and load feeds, then build and report.

    Departments or feeds; all of them when none is named.
    """
    from civiclake.runs import run_departments

    city = read_city()
    chosen = {name: _department_and_feeds(city, name) for name in names or city.departments}
    conf = {"start": _instant(start), "end": _instant(end), "full_refresh": full_refresh}
    if start and end and datetime.fromisoformat(start) >= datetime.fromisoformat(end):
        _stop(f"nothing lies between {start} and {end}; give --from the earlier one")
    _claim(city)
    sys.exit(run_departments(city, list(chosen.values()), now(), conf, collect_only))


@commands.command()
@click.argument("names", nargs=-1, metavar="[DEPARTMENT|FEED]...")
@click.option("--delivery", metavar="ID", help="only this delivery")
@click.option("--accept", "accepted", multiple=True, metavar="RULE", help="lift a rule that refused that delivery")
@click.option("--note", default="", metavar="TEXT", help="why, as the department said; the ledger keeps it")
@click.option("--collect-only", is_flag=True, help="no build and no report afterwards")
def replay(
    names: tuple[str, ...], delivery: str | None, accepted: tuple[str, ...], note: str, collect_only: bool
) -> None:
    """Judge set-aside records again, then build and report.

    By today's city files and contracts, of all departments when none is named.
    """
    from civiclake.runs import run_replay

    city = read_city()
    if accepted and not note.strip():
        _stop("--accept wants a --note: what did the department say?")
    feeds = [feed for name in names or city.departments for feed in _feeds(city, name)]
    _claim(city)
    if told := _nothing_to_replay(city, feeds, delivery, accepted):
        click.echo(told, err=True)
        return
    asked = {"feeds": feeds, "delivery": delivery, "accept": list(accepted), "note": note, "who": getuser()}
    sys.exit(run_replay(asked, collect_only))


@commands.command()
@click.argument("feed", required=False)
@output_option
def status(feed: str | None, output: str) -> None:
    """Show each feed's last delivery, or the findings of one feed's.

    Both are told by the ledger. Of one feed it also tells what a changed layout touches, and
    which set-aside records wait.
    """
    from civiclake.status import feed_findings, last_deliveries, layout_words, missing_feeds, waiting_words

    city = read_city()
    if feed is not None and feed not in city.feeds:
        _unknown("feed", feed, list(city.feeds))
    write_rows(*(feed_findings(feed) if feed else last_deliveries(city)), output)
    missing = [] if feed else missing_feeds(city)
    about = [*layout_words(city, feed), *waiting_words(feed)] if feed else []
    for told in about:
        click.echo(told, err=True)
    if missing:
        click.echo(f"never arrived: {', '.join(missing)}", err=True)
        sys.exit(1)


@commands.command()
@click.argument("sql")
@output_option
def query(sql: str, output: str) -> None:
    """Ask the published marts in SQL, read-only.

    The schemas are `marts` and, for the ledger, `ops`. A mart that is not ready is told on standard error.
    """
    import duckdb

    from civiclake.readiness import warnings
    from lake import connect_published, published_file

    if not published_file().exists():
        _stop("nothing is published yet: run `civiclake run` or `civiclake demo` first")
    if (found := _count_statements(sql)) != 1:
        _stop(f"{found} queries were given; give one at a time, in quotes")
    connection = connect_published(published_file())
    try:
        answer = connection.execute(sql)
        write_rows([column[0] for column in answer.description or []], answer.fetchall(), output)
        for line in warnings(connection, sql):
            click.echo(line, err=True)
    except duckdb.Error as error:
        click.echo(f"the query failed: {error}", err=True)
        sys.exit(1)


@commands.command()
@click.argument("metric")
@click.option("--a", metavar="VARIANT", help="the figure to start from; METRIC itself when not given")
@click.option("--b", metavar="VARIANT", help="the figure to arrive at; without one, all variants are listed")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="only requests of this day and later")
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), help="and of this day and earlier")
@click.option("--area", metavar="CODE", help="only of this area")
@click.option("--department", metavar="NAME", help="only of this department")
@output_option
def explain(metric: str, a: str | None, b: str | None, output: str, **asked: Any) -> None:
    """Show why two true figures of one thing differ.

    It splits their difference by the rules of their definitions. The days are those by which each
    figure counts.
    """
    from civiclake.explain import explain_variants, list_variants
    from lake import published_file
    from reports.metrics import MetricError
    from reports.metrics.explain import ExplainError

    read_city()
    if not published_file().exists():
        _stop("nothing is published yet: run `civiclake run` or `civiclake demo` first")
    try:
        told = explain_variants(metric, a or metric, b, asked) if b else list_variants(metric, asked)
    except (ExplainError, MetricError) as error:
        _stop(str(error))
    write_rows(*told.columns(output), output)
    for line in told.remarks:
        click.echo(line, err=True)
    sys.exit(told.exit_code)


@commands.command()
def report() -> None:
    """Write the morning report again and print its place.

    It tells what the published marts tell.
    """
    from civiclake.runs import run_report
    from lake import published_file

    if not published_file().exists():
        _stop("nothing is published yet: run `civiclake run` or `civiclake demo` first")
    read_city()
    sys.exit(run_report())


@commands.command()
@click.option("--port", type=click.IntRange(0, LAST_PORT), default=8090, show_default=True, help="0 takes a free one")
def serve(port: int) -> None:
    """Show the report to a browser on this machine; Ctrl-C stops it."""
    from civiclake.serve import run_server

    site = home() / "site"
    if not site.exists():
        _stop("no report was written yet: run `civiclake run` or `civiclake demo` first")
    sys.exit(run_server(site, port))


@commands.command()
@click.option("--port", type=click.IntRange(1, LAST_PORT), default=8080, show_default=True, help="of Airflow's pages")
def start(port: int) -> None:
    """Open the real Airflow on this machine; Ctrl-C stops it."""
    from civiclake.start import run_airflow

    read_city()
    sys.exit(run_airflow(port))


def _count_statements(sql: str) -> int:
    """Return how many statements a text holds; DuckDB itself makes two of one that pivots."""
    import duckdb

    text = sql.encode()
    ends = (text[at : at + 1] == b";" for at, _ in duckdb.tokenize(sql))
    return sum(not is_end for is_end, _ in groupby(ends))


def _draft(city: City, sample: str, contract: str | None, department: str | None) -> int:
    """Print the draft of a feed, and on standard error what was doubted; returns the exit code."""
    from contracts import ContractError
    from contracts.drafting import draft, unusable
    from extractors import FetchError

    if told := unusable(sample, contract, department):
        _stop(told)
    try:
        drafted = draft(sample, city, contract, department)
    except (ContractError, FetchError, OSError) as error:
        click.echo(f"nothing could be drafted: {error}", err=True)
        return 1
    click.echo(drafted.text, nl=False)
    for line in drafted.told:
        click.echo(line, err=True)
    return 0


def _department_and_feeds(city: City, name: str) -> tuple[str, str | None]:
    """Return (department, feed id or None) for a name given on the command line."""
    if name in city.departments:
        return name, None
    if name not in city.feeds:
        _unknown("department or feed", name, [*city.departments, *city.feeds])
    return name.split("__")[0], name


def _feeds(city: City, name: str) -> list[str]:
    """Return the feeds that a name given on the command line stands for."""
    department, feed_id = _department_and_feeds(city, name)
    return [feed_id] if feed_id else [f"{department}__{feed}" for feed in city.departments[department].feeds]


def _nothing_to_replay(city: City, feeds: list[str], delivery: str | None, accepted: tuple[str, ...]) -> str | None:
    """Say why nothing is to be replayed, or return None where something is."""
    from contracts import ContractError
    from lake import ReplayError
    from lake.replay import plan

    try:
        planned = plan(city, feeds, delivery, accepted)
    except (ReplayError, ContractError) as error:
        _stop(str(error))
    if planned.replays:
        return None
    waiting: Counter[str] = Counter()
    for one in planned.unmended:
        waiting[one.feed] += one.count
    told = ", ".join(f"{count:,} of {feed}" for feed, count in waiting.items())
    return f"nothing was mended since; these records wait: {told}" if told else "no record waits to be replayed"


def main() -> None:
    """Run the command line."""
    commands(prog_name="civiclake")
