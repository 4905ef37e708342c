"""Who has to do what: `ops.action` follows what the marts found, and keeps what people said to it.

dbt says what is wanted (`int_actions_wanted`), one row a cause; this module makes the book agree with it in one
transaction. An action is opened once and stays the same through any number of builds; it closes by itself when its
cause is gone, and is opened again, the same one, when it comes back. What somebody accepted stays closed until then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from lake.alerts import rows
from lake.connection import connect

WANTED = "int_actions_wanted"
TOLD = ("cause", "department", "owner", "feed", "subject", "since_date", "due_date", "severity", "detail")
"""What dbt says of an action; the rest of its row is its life."""

Row = Mapping[str, Any]
Event = tuple[str, str | None]
"""What happened to an action, and a remark."""


@dataclass(frozen=True)
class Change:
    """One action as it is to be, and what happened to it; no event where only its words changed."""

    row: dict[str, Any]
    events: tuple[Event, ...] = ()


def follow_actions() -> int:
    """Make `ops.action` agree with what the last build wants, and return how many changed.

    The instant is the build's own, so that the same build again changes nothing; a killed one leaves the book as it
    was. The caller holds the writer lock.
    """
    with connect() as connection:
        [[as_of, zone]] = connection.execute("SELECT as_of, time_zone FROM ops.clock, ops.city").fetchall()
        wanted = rows(connection, f"FROM intermediate.{WANTED}")
        known = rows(connection, "FROM ops.action")
        changes = settle(wanted, known, as_of, ZoneInfo(zone))
        connection.begin()
        write(connection, changes, as_of)
        connection.commit()
        return len(changes)


def settle(wanted: Sequence[Row], known: Sequence[Row], as_of: datetime, zone: ZoneInfo) -> list[Change]:
    """Return what is to change in the book: nothing where it agrees already. Days are those of the city's zone."""
    book = {row["action_key"]: row for row in known}
    keys = {row["action_key"] for row in wanted}
    followed = [_followed(row, book.get(row["action_key"]), as_of, zone) for row in wanted]
    closed = [_closed(row, as_of) for row in known if row["state"] != "done" and row["action_key"] not in keys]
    return [change for change in [*followed, *closed] if change is not None]


def _followed(wanted: Row, known: Row | None, as_of: datetime, zone: ZoneInfo) -> Change | None:
    told = {name: wanted[name] for name in ("action_key", *TOLD)}
    if known is None or _is_new_again(wanted, known, zone):
        # what people said was said to another occurrence
        row = {**told, "state": "open", "opened_at": as_of}
        events = [("opened" if known is None else "opened_again", None), *_escalated(row, as_of, zone)]
        return Change(row, tuple(events))
    if known["due_set_by"]:
        told["due_date"] = known["due_date"]
    row = {**known, **told}
    events = [*_told_otherwise(known, told), *_escalated(row, as_of, zone)]
    return Change(row, tuple(events)) if row != dict(known) else None


def _is_new_again(wanted: Row, known: Row, zone: ZoneInfo) -> bool:
    """Whether an action has a new cause: it was gone, or began after the day on which somebody accepted the old one."""
    if known["state"] == "accepted":
        accepted_on: date = known["accepted_at"].astimezone(zone).date()
        return bool(wanted["since_date"] > accepted_on)
    return bool(known["state"] == "done")


def _told_otherwise(known: Row, told: Row) -> list[Event]:
    moved: list[Event] = []
    if known["owner"] != told["owner"]:
        moved.append(("moved", f"from {known['owner']} to {told['owner']}"))
    if any(known[name] != told[name] for name in ("due_date", "severity")):
        moved.append(("updated", None))
    return moved


def _escalated(row: dict[str, Any], as_of: datetime, zone: ZoneInfo) -> list[Event]:
    """Escalate, once, an open action whose day is over."""
    is_overdue = row["due_date"] is not None and row["due_date"] < as_of.astimezone(zone).date()
    if not is_overdue or row["state"] != "open" or row.get("escalated_at"):
        return []
    row["escalated_at"] = as_of
    return [("escalated", None)]


def _closed(known: Row, as_of: datetime) -> Change:
    return Change({**known, "state": "done", "closed_at": as_of}, (("closed", None),))


def write(connection: duckdb.DuckDBPyConnection, changes: list[Change], at: datetime, who: str | None = None) -> None:
    """Write changes into the book within an open transaction; `who` is the person who made them, None for the build."""
    for change in changes:
        connection.execute("DELETE FROM ops.action WHERE action_key = ?", [change.row["action_key"]])
        columns = list(change.row)
        places = ", ".join("?" * len(columns))
        connection.execute(
            f"INSERT INTO ops.action ({', '.join(columns)}) VALUES ({places})", [change.row[name] for name in columns]
        )
        for event, note in change.events:
            connection.execute(
                "INSERT INTO ops.action_event (action_key, event, note, happened_at, who) VALUES (?, ?, ?, ?, ?)",
                [change.row["action_key"], event, note, at, who],
            )
