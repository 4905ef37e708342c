"""`civiclake alert`: which alerts stand, and what people say of them."""

from __future__ import annotations

import sys
from datetime import timedelta
from getpass import getuser
from typing import TYPE_CHECKING

import click

from cities import now, read_city
from civiclake.entrance import claim_lake, output_option, stop, unknown
from civiclake.output import write_rows

if TYPE_CHECKING:
    from lake.alert_answers import Answer

note_option = click.option("--note", default="", metavar="TEXT", help="why; the lake keeps it, no names")


@click.group()
def alert() -> None:
    """List alerts, and say what became of them."""


@alert.command(name="ls")
@click.option("--all", "is_all", is_flag=True, help="those that are closed too")
@output_option
def list_alerts(is_all: bool, output: str) -> None:
    """List the alerts that nobody closed, the newest first.

    Ends with 1 where a message about one could not be sent.
    """
    from lake.alert_lists import alerts, unsent

    claim_lake(read_city())
    write_rows(*alerts(is_all), output)
    problems = unsent()
    for channel, count, problem in problems:
        click.echo(f"not sent by {channel}: {count:,} ({problem})", err=True)
    sys.exit(1 if problems else 0)


@alert.command()
@click.argument("alert_id", metavar="ALERT")
@note_option
def ack(alert_id: str, note: str) -> None:
    """Say that somebody sees to it: it is not escalated."""
    _answer(alert_id, "acknowledged", note)


@alert.command()
@click.argument("alert_id", metavar="ALERT")
@note_option
def resolve(alert_id: str, note: str) -> None:
    """Close it: it was true, and is dealt with."""
    _answer(alert_id, "resolved", note)


@alert.command(name="false-alarm")
@click.argument("alert_id", metavar="ALERT")
@note_option
def false_alarm(alert_id: str, note: str) -> None:
    """Close it as a false alarm, which lowers the precision of its rule; also once it is over."""
    _answer(alert_id, "false_alarm", note)


@alert.command()
@click.argument("alert_id", metavar="ALERT")
@click.option("--minutes", type=click.IntRange(1), default=60, show_default=True, help="from now on")
@note_option
def snooze(alert_id: str, minutes: int, note: str) -> None:
    """Let it wait without being escalated for some time."""
    _answer(alert_id, "snoozed", note, minutes)


def _answer(alert_id: str, said: Answer, note: str, minutes: int = 0) -> None:
    from lake.alert_answers import answer
    from lake.alert_lists import alert_ids
    from lake.errors import AlertError

    city = read_city()
    claim_lake(city)
    known = alert_ids()
    if alert_id not in known:
        unknown("alert", alert_id, known, "civiclake alert ls")
    try:
        answer(city, alert_id, said, getuser(), note, now() + timedelta(minutes=minutes) if minutes else None)
    except AlertError as error:
        stop(str(error))
