"""`civiclake`: few verbs, data on standard output, progress on standard error.

Exit codes: 0 done; 1 it ran and something failed or a required feed is missing; 2 it could not start.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime
from difflib import get_close_matches
from typing import NoReturn

import click

from cities import City, CityError, now, read_city
from civiclake.output import FORMATS, write_rows

output_option = click.option("-o", "--output", type=click.Choice(FORMATS), default="table", help="how rows are written")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="civiclake", message="%(version)s")
def commands() -> None:
    """A city's data lake: collect, check, load, build, report."""


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
    _claim(_city())
    for further in range(days):
        if code := run_demo(None if day is None else day + further, scale):
            sys.exit(code)


@commands.command(name="ls")
@output_option
def list_feeds(output: str) -> None:
    """List departments and feeds as the city files have them."""
    city = _city()
    names = ("feed", "department", "contract", "system", "due", "matters", "critical")
    rows = [
        (feed_id, city.department_of(feed_id).title["en"], *(getattr(feed, name) for name in names[2:]))
        for feed_id, feed in city.feeds.items()
    ]
    write_rows(names, rows, output)


@commands.command()
def check() -> None:
    """Check the city files against the contracts.

    No department is asked.
    """
    from contracts.fit import misfits

    city = _city()
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
    """Fetch, check and load departments or feeds, then build and report.

    All of them when none is named.
    """
    from civiclake.runs import run_departments

    city = _city()
    chosen = {name: _department_and_feeds(city, name) for name in names or city.departments}
    conf = {"start": _instant(start), "end": _instant(end), "full_refresh": full_refresh}
    if start and end and datetime.fromisoformat(start) >= datetime.fromisoformat(end):
        _stop(f"nothing lies between {start} and {end}; give --from the earlier one")
    _claim(city)
    sys.exit(run_departments(city, list(chosen.values()), now(), conf, collect_only))


@commands.command()
@click.argument("feed", required=False)
@output_option
def status(feed: str | None, output: str) -> None:
    """Show each feed's last delivery, or the findings of one feed's.

    Both are told by the ledger.
    """
    from civiclake.status import feed_findings, last_deliveries, missing_feeds
    from lake import LakeUnreachable

    city = _city()
    if feed is not None and feed not in city.feeds:
        _unknown("feed", feed, list(city.feeds))
    try:
        write_rows(*(feed_findings(feed) if feed else last_deliveries(city)), output)
        missing = [] if feed else missing_feeds(city)
    except LakeUnreachable as error:
        _stop(str(error))
    if missing:
        click.echo(f"never arrived: {', '.join(missing)}", err=True)
        sys.exit(1)


@commands.command()
@click.argument("sql")
@output_option
def query(sql: str, output: str) -> None:
    """Ask the published marts in SQL, read-only.

    The schemas are `marts` and, for the ledger, `ops`.
    """
    import duckdb

    from lake import connect_published, published_file

    if not published_file().exists():
        _stop("nothing is published yet: run `civiclake run` or `civiclake demo` first")
    connection = connect_published(published_file())
    try:
        answer = connection.execute(sql)
        write_rows([column[0] for column in answer.description or []], answer.fetchall(), output)
    except duckdb.Error as error:
        click.echo(f"the query failed: {error}", err=True)
        sys.exit(1)


@commands.command()
def report() -> None:
    """Write the morning report again and print its place.

    It tells what the published marts tell.
    """
    from civiclake.runs import run_report
    from lake import published_file

    if not published_file().exists():
        _stop("nothing is published yet: run `civiclake run` or `civiclake demo` first")
    _city()
    sys.exit(run_report())


@commands.command()
@click.option("--port", default=8080, show_default=True, help="of Airflow's pages, on 127.0.0.1")
def start(port: int) -> None:
    """Open the real Airflow on this machine; Ctrl-C stops it."""
    from civiclake.start import run_airflow

    _city()
    sys.exit(run_airflow(port))


def _city() -> City:
    try:
        return read_city()
    except CityError as error:
        _stop(str(error))


def _department_and_feeds(city: City, name: str) -> tuple[str, str | None]:
    """Return (department, feed id or None) for a name given on the command line."""
    if name in city.departments:
        return name, None
    if name not in city.feeds:
        _unknown("department or feed", name, [*city.departments, *city.feeds])
    return name.split("__")[0], name


def _claim(city: City) -> None:
    from lake import OtherCity, claim

    try:
        claim(city)
    except OtherCity as error:
        _stop(str(error))


def _instant(given: str | None) -> str | None:
    if given is None:
        return None
    try:
        instant = datetime.fromisoformat(given)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        _stop(f"{given!r} is not an instant with offset; write it like 2026-10-26T00:00:00-05:00")
    return instant.isoformat()


def _unknown(what: str, name: str, known: list[str]) -> NoReturn:
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else "`civiclake ls` lists them"
    _stop(f"no {what} {name!r}; {hint}")


def _stop(message: str) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(2)


def main() -> None:
    """Run the command line."""
    commands(prog_name="civiclake")
