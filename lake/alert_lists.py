"""Alerts as rows for a person."""

from __future__ import annotations

from typing import Any

from lake.alerts import OPEN
from lake.connection import connect

Rows = tuple[list[str], list[tuple[Any, ...]]]


def alerts(is_all: bool = False) -> Rows:
    """Return the alerts that nobody closed, or all, the newest first."""
    chosen = "" if is_all else f"WHERE state IN {OPEN}"
    with connect() as connection:
        answer = connection.execute(
            f"""SELECT alert_id, state, severity, department, area_code, headline, onset_at, raised_at, sent_at,
                snooze_until, is_folded
            FROM ops.alert {chosen} ORDER BY raised_at DESC, alert_id"""
        )
        return [column[0] for column in answer.description or []], answer.fetchall()


def alert_ids() -> list[str]:
    """Return the ids of all alerts."""
    with connect() as connection:
        return [row[0] for row in connection.execute("SELECT alert_id FROM ops.alert ORDER BY ALL").fetchall()]


def unsent() -> list[tuple[str, int, str]]:
    """Return (channel, count, problem) of messages that were tried and did not leave."""
    with connect() as connection:
        return connection.execute(
            """SELECT channel, count(*), any_value(problem) FROM ops.alert_delivery
            WHERE state IN ('waiting', 'failed') AND problem IS NOT NULL GROUP BY channel ORDER BY ALL"""
        ).fetchall()
