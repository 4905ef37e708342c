"""What the ledger says, as rows."""

from __future__ import annotations

from typing import Any

from cities import City
from lake import connect, prepare

Rows = tuple[list[str], list[tuple[Any, ...]]]


def last_deliveries(city: City) -> Rows:
    """Return the last delivery of each of the city's feeds; a feed that never came has an empty row."""
    rows = _ask(
        """SELECT feed, delivery_id, verdict, received, accepted, unchanged, duplicate, set_aside, withdrawn
        FROM ops.delivery QUALIFY row_number() OVER (PARTITION BY feed ORDER BY loaded_at DESC) = 1"""
    )
    by_feed = {row[0]: row for row in rows[1]}
    return rows[0], [by_feed.get(feed, (feed, *[None] * 8)) for feed in city.feeds]


def missing_feeds(city: City) -> list[str]:
    """Return the feeds of which the ledger holds no accepted delivery."""
    arrived = {row[0] for row in _ask("SELECT DISTINCT feed FROM ops.delivery WHERE verdict = 'accepted'")[1]}
    return [feed for feed in city.feeds if feed not in arrived]


def feed_findings(feed: str) -> Rows:
    """Return the findings of a feed's last delivery, by rule and field, with one masked example each."""
    return _ask(
        """SELECT rule, field, sender_field, strength, count(*) AS records, min(example) AS example,
            min(expected) AS expected, any_value(message ORDER BY message) AS message
        FROM ops.finding WHERE feed = $feed AND delivery_id = (
            SELECT arg_max(delivery_id, loaded_at) FROM ops.delivery WHERE feed = $feed)
        GROUP BY ALL ORDER BY records DESC, rule, field""",
        {"feed": feed},
    )


def _ask(sql: str, values: dict[str, object] | None = None) -> Rows:
    prepare()
    with connect() as connection:
        answer = connection.execute(sql, values or {})
        return [column[0] for column in answer.description or []], answer.fetchall()
