"""Actions as rows for a person."""

from __future__ import annotations

from lake.alert_lists import Rows
from lake.alerts import Row, rows
from lake.connection import connect


def actions(is_all: bool = False) -> Rows:
    """Return the open actions, or all, those that are due first at the head."""
    chosen = "" if is_all else "WHERE state = 'open'"
    with connect() as connection:
        answer = connection.execute(
            f"""SELECT action_key, state, severity, cause, department, owner, assigned_to, due_date, since_date,
                subject, detail, acknowledged_by, accepted_by, note
            FROM ops.action {chosen} ORDER BY due_date, action_key"""
        )
        return [column[0] for column in answer.description or []], answer.fetchall()


def action_keys() -> list[str]:
    """Return the keys of all actions."""
    with connect() as connection:
        return [row[0] for row in connection.execute("SELECT action_key FROM ops.action ORDER BY ALL").fetchall()]


def open_actions() -> list[Row]:
    """Return the open rows of `ops.action`, those that are due first at the head."""
    with connect() as connection:
        return rows(connection, "FROM ops.action WHERE state = 'open' ORDER BY due_date, action_key")
