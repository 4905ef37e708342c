"""`civiclake action`: who has to do what, and what people say of it."""

from __future__ import annotations

from datetime import datetime
from getpass import getuser
from typing import TYPE_CHECKING, Any

import click

from cities import read_city
from civiclake.entrance import claim_lake, output_option, stop, unknown
from civiclake.output import write_rows

if TYPE_CHECKING:
    from lake.action_answers import Answer

action_argument = click.argument("action_key", metavar="ACTION")
KEPT = "the lake keeps it, no residents' names"
note_option = click.option("--note", default="", metavar="TEXT", help=f"a remark; {KEPT}")


@click.group()
def action() -> None:
    """List actions, and say who sees to them."""


@action.command(name="ls")
@click.option("--all", "is_all", is_flag=True, help="those that are done or accepted too")
@output_option
def list_actions(is_all: bool, output: str) -> None:
    """List the open actions, those that are due first at the head."""
    from lake.action_lists import actions

    claim_lake(read_city())
    write_rows(*actions(is_all), output)


@action.command()
@action_argument
@note_option
def ack(action_key: str, note: str) -> None:
    """Say that somebody sees to it."""
    _answer(action_key, "acknowledged", note=note)


@action.command()
@action_argument
@click.option("--note", required=True, metavar="TEXT", help=f"the reason; {KEPT}")
def accept(action_key: str, note: str) -> None:
    """Live with it: it stays closed until its cause is new."""
    _answer(action_key, "accepted", note=note)


@action.command()
@action_argument
@click.option("--to", required=True, metavar="WHO", help="a name or an address of the city's own people")
@note_option
def assign(action_key: str, to: str, note: str) -> None:
    """Give it to somebody; its owner stays the department's steward."""
    _answer(action_key, "assigned", note=note, to=to)


@action.command()
@action_argument
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD")
@note_option
def due(action_key: str, day: datetime, note: str) -> None:
    """Set the day by which it is to be done; it is overdue after that day, and not before."""
    _answer(action_key, "date_set", note=note, due=day.date())


def _answer(action_key: str, said: Answer, **told: Any) -> None:
    from lake.action_answers import answer_action
    from lake.action_lists import action_keys
    from lake.errors import ActionError

    city = read_city()
    claim_lake(city)
    known = action_keys()
    if action_key not in known:
        unknown("action", action_key, known, "civiclake action ls")
    try:
        answer_action(city, action_key, said, getuser(), **told)
    except ActionError as error:
        stop(str(error))
    click.echo(f"{action_key}: noted; the next report shows it", err=True)
