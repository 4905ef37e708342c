"""What the verbs begin with: the city, its lake, and how they end where they cannot start."""

from __future__ import annotations

import sys
from datetime import datetime
from difflib import get_close_matches
from typing import NoReturn

import click

from cities import City, CityError, read_city
from civiclake.output import FORMATS

output_option = click.option("-o", "--output", type=click.Choice(FORMATS), default="table", help="how rows are written")


def open_city() -> City:
    """Return the city of the settings; a mistake in its files ends the program."""
    try:
        return read_city()
    except CityError as error:
        stop(str(error))


def claim_lake(city: City) -> None:
    """Make sure that the lake can be used and is the city's own."""
    from lake import LakeUnreachable, OtherCity, claim

    try:
        claim(city)
    except (LakeUnreachable, OtherCity) as error:
        stop(str(error))


def read_instant(given: str | None) -> str | None:
    """Return an instant given on the command line in its full form."""
    if given is None:
        return None
    try:
        instant = datetime.fromisoformat(given)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        stop(f"{given!r} is not an instant with offset; write it like 2026-10-26T00:00:00-05:00")
    return instant.isoformat()


def unknown(what: str, name: str, known: list[str], lists: str = "civiclake ls") -> NoReturn:
    """End the program over a name that is not known, with the nearest that is."""
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"`{lists}` lists them"
    stop(f"no {what} {name!r}; {hint}")


def stop(message: str) -> NoReturn:
    """End the program, which could not start."""
    click.echo(message, err=True)
    sys.exit(2)
