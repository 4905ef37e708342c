"""What is still to be sent, and what became of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cities import now
from lake.alerts import change, rows, tell
from lake.connection import connect
from lake.lock import writer_lock
from lake.tables import prepare

GIVEN_UP_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Waiting:
    """A message that one recipient has not had yet."""

    message_id: str
    channel: str
    recipient: str
    content: dict[str, Any]


def waiting() -> list[Waiting]:
    """Return what is to be sent, the oldest first."""
    prepare()
    with connect() as sql:
        found = rows(
            sql,
            """SELECT message_id, channel, recipient, content FROM ops.alert_delivery
            JOIN ops.alert_message USING (message_id) WHERE state = 'waiting'
            ORDER BY alert_delivery.created_at, message_id, channel, recipient""",
        )
    return [Waiting(**{**one, "content": json.loads(one["content"])}) for one in found]


def mark_sent(sent: Waiting) -> None:
    """Note that a recipient has a message; the first of an alert makes the alert `sent`."""
    at = now()
    with writer_lock(), connect() as sql:
        sql.begin()
        sql.execute(
            """UPDATE ops.alert_delivery SET state = 'sent', attempts = attempts + 1, problem = NULL, sent_at = ?
            WHERE message_id = ? AND channel = ? AND recipient = ?""",
            [at, sent.message_id, sent.channel, sent.recipient],
        )
        for alert_id in [alert["alert_id"] for alert in sent.content["alerts"]]:
            for alert in rows(sql, "FROM ops.alert WHERE alert_id = ? AND sent_at IS NULL", [alert_id]):
                state = "sent" if alert["state"] == "new" else alert["state"]
                change(sql, alert_id, sent_at=at, state=state)
                tell(sql, alert_id, "sent", at)
        sql.commit()


def mark_failed(failed: Waiting, problem: str) -> None:
    """Note that a message could not be sent; it is tried again in each cycle, for a day."""
    at = now()
    with writer_lock(), connect() as sql:
        sql.execute(
            """UPDATE ops.alert_delivery SET attempts = attempts + 1, problem = ?,
                state = CASE WHEN created_at < ? THEN 'failed' ELSE state END
            WHERE message_id = ? AND channel = ? AND recipient = ?""",
            [problem, at - GIVEN_UP_AFTER, failed.message_id, failed.channel, failed.recipient],
        )
