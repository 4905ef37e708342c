"""What the ledger knows of a feed."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import urlsplit

from cities import City, Feed, home
from contracts import terms_of
from lake.connection import connect


def find_delivery(feed_id: str, delivery_id: str) -> Path | None:
    """Return the place of a delivery that the ledger holds, or None where it was not loaded."""
    with connect() as connection:
        row = connection.execute(
            "SELECT place FROM ops.delivery WHERE feed = ? AND delivery_id = ?", [feed_id, delivery_id]
        ).fetchone()
    return home() / row[0] if row else None


def validator_of(feed_id: str, city: City) -> str | None:
    """Return by what the source of a feed can be asked whether anything changed since its newest accepted answer.

    None where that answer gave nothing of the kind, or was read in another way than it would be today: then the same
    answer may mean something else, and must come again.
    """
    with connect() as connection:
        row = connection.execute(
            """SELECT validator, read_by FROM ops.delivery
            WHERE feed = ? AND verdict = 'accepted' AND replays IS NULL
                AND window_start IS NULL AND window_end IS NULL
            ORDER BY fetched_at DESC LIMIT 1""",
            [feed_id],
        ).fetchone()
    feed = city.feeds[feed_id]
    return row[0] if row and row[1] == reading_of(feed, terms_of(feed_id, feed, city)) else None


def reading_of(feed: Feed, terms: str) -> str:
    """Return a name for the way in which a feed is asked, read and judged; `terms` is what it is judged by."""
    # a mirror or another port is still the same source
    left_out = {"url", "title", "due", "matters", "critical", "schedule", "watch", "coverage"}
    asked = feed.model_dump_json(exclude=left_out)
    return hashlib.sha256(f"{urlsplit(feed.url).path} {asked} {terms}".encode()).hexdigest()


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
