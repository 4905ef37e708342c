"""`civiclake emergency`: declare one, end it, and write what happened in it."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from getpass import getuser

import click

from cities import read_city
from civiclake.entrance import claim_lake, output_option, stop, unknown
from civiclake.output import write_rows


@click.group()
def emergency() -> None:
    """Declare an emergency, end it, report on it."""


@emergency.command(name="start")
@click.argument("name")
@click.option("--note", required=True, metavar="TEXT", help="what happens; no names of persons")
def start_emergency(name: str, note: str) -> None:
    """Watch every minute, and do not collect what can wait.

    Airflow follows within a minute or so. Departments without a critical or a watched feed wait until
    the emergency is stopped.
    """
    from lake import emergency as kept
    from lake.errors import AlertError

    city = read_city()
    claim_lake(city)
    try:
        waiting = kept.start(city, name, getuser(), note)
    except AlertError as error:
        stop(str(error))
    click.echo(f"{name}: watching every minute; not collected until it is stopped: {', '.join(waiting) or 'none'}")


@emergency.command(name="stop")
@click.option("--note", default="", metavar="TEXT", help="how it ended")
def stop_emergency(note: str) -> None:
    """End the emergency that goes on: everything runs as before."""
    from lake import emergency as kept
    from lake.errors import AlertError

    city = read_city()
    claim_lake(city)
    try:
        name = kept.stop(city, getuser(), note)
    except AlertError as error:
        stop(str(error))
    click.echo(f"{name} is over; `civiclake emergency report {name}` writes what happened")


@emergency.command()
@output_option
def status(output: str) -> None:
    """List emergencies; the one that goes on has no end."""
    from lake.emergency import emergencies

    claim_lake(read_city())
    names = ("emergency", "started_at", "stopped_at", "started_by", "note")
    write_rows(names, [[one[name] for name in names] for one in emergencies()], output)


@emergency.command()
@click.argument("name")
def report(name: str) -> None:
    """Write what happened in an emergency that is over, and print the places.

    From stored facts alone: written again it is the same.
    """
    from dags.after_action import write
    from dags.dbt_build import DbtFailed
    from lake.emergency import emergencies

    city = read_city()
    claim_lake(city)
    known = {one["emergency"]: one for one in emergencies()}
    if name not in known:
        unknown("emergency", name, list(known), "civiclake emergency status")
    if known[name]["stopped_at"] is None:
        stop(f"{name} goes on: `civiclake emergency stop` ends it")
    try:
        # what dbt tells of its build is no place
        with redirect_stdout(sys.stderr):
            places = write(city, name)
        for place in places:
            click.echo(place)
    except DbtFailed as error:
        click.echo(f"the report cannot be written: {error}", err=True)
        sys.exit(1)
