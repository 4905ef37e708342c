"""What the verbs begin with, and how they end where they cannot start."""

from __future__ import annotations

import sys
from datetime import datetime
from difflib import get_close_matches
from typing import Any, NoReturn

import click

from cities import City, Unusable
from civiclake.output import FORMATS

output_option = click.option("-o", "--output", type=click.Choice(FORMATS), default="table", help="how rows are written")


class Verbs(click.Group):
    """Verbs that end with 2 and words where something that they stand on cannot be used."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a verb."""
        try:
            return super().invoke(ctx)
        except Unusable as error:
            stop(str(error))


def claim_lake(city: City) -> None:
    """Make sure that the lake can be used and is the city's own."""
    from lake import claim

    claim(city)


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
