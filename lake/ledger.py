"""What the ledger knows of a feed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cities import home
from lake.connection import connect


@dataclass(frozen=True)
class Delivered:
    """A delivery that the ledger holds: its sha256 and the place of its pages."""

    sha256: str
    place: Path


def find_delivery(feed_id: str, delivery_id: str) -> Delivered | None:
    """Return the ledger's entry for a delivery, or None where it was not loaded."""
    with connect() as connection:
        row = connection.execute(
            "SELECT sha256, place FROM ops.delivery WHERE feed = ? AND delivery_id = ?", [feed_id, delivery_id]
        ).fetchone()
    return Delivered(row[0], home() / row[1]) if row else None


def cursor_of(feed_id: str) -> str | None:
    """Return how far a feed was read: the sender's own value, or None before the first delivery.

    Only accepted deliveries that were fetched by cursor count: a back-fill or a refused delivery moves nothing.
    """
    with connect() as connection:
        row = connection.execute(
            """SELECT cursor_to FROM ops.delivery
            WHERE feed = ? AND verdict = 'accepted' AND moves_cursor AND cursor_to IS NOT NULL
            ORDER BY loaded_at DESC LIMIT 1""",
            [feed_id],
        ).fetchone()
    return row[0] if row else None
