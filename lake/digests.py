"""Which weekly digests were sent."""

from __future__ import annotations

from datetime import date

from cities import now
from lake.connection import connect
from lake.lock import writer_lock
from lake.tables import prepare


def digests_sent(week: date) -> set[str]:
    """Return to whom the digest of a week, named by its Monday, was sent."""
    prepare()
    with connect() as sql:
        return {row[0] for row in sql.execute("SELECT recipient FROM ops.digest WHERE week = ?", [week]).fetchall()}


def mark_digest_sent(week: date, recipient: str) -> None:
    """Note that somebody has the digest of a week."""
    with writer_lock(), connect() as sql:
        sql.execute("INSERT INTO ops.digest (week, recipient, sent_at) VALUES (?, ?, ?)", [week, recipient, now()])
