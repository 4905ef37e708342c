"""What the ledger says, as rows."""

from __future__ import annotations

import json
from typing import Any

from cities import City
from lake import connect, prepare

NEWEST = "(fetched_at, loaded_at)"
"""Of two deliveries the one fetched later is the newer; of a delivery and its replays, the one loaded later."""

BROUGHT = "NOT coalesce(not_modified, false)"
"""Of a delivery: it brought an answer, and not only the word that nothing changed."""

Rows = tuple[list[str], list[tuple[Any, ...]]]


def last_deliveries(city: City) -> Rows:
    """Return the last delivery of each of the city's feeds, and how many of its set-aside records wait in all.

    A feed that never came has an empty row.
    """
    rows = _ask(
        f"""WITH waiting AS (SELECT feed, count(*) AS waiting FROM ops.set_aside_open GROUP BY feed)
        SELECT feed, delivery_id, verdict, received, accepted, unchanged, duplicate, set_aside, withdrawn,
            coalesce(waiting, 0) AS waiting
        FROM ops.delivery LEFT JOIN waiting USING (feed)
        QUALIFY row_number() OVER (PARTITION BY feed ORDER BY {NEWEST} DESC) = 1"""
    )
    by_feed = {row[0]: row for row in rows[1]}
    return rows[0], [by_feed.get(feed, (feed, *[None] * 9)) for feed in city.feeds]


def missing_feeds(city: City) -> list[str]:
    """Return the feeds of which the ledger holds no accepted delivery."""
    arrived = {row[0] for row in _ask("SELECT DISTINCT feed FROM ops.delivery WHERE verdict = 'accepted'")[1]}
    return [feed for feed in city.feeds if feed not in arrived]


def feed_findings(feed: str) -> Rows:
    """Return the findings of a feed's last delivery, by rule and field, with one masked example each.

    Where it was replayed they are those of its last replay: what is still wrong.
    """
    return _ask(
        f"""SELECT rule, field, sender_field, strength, count(*) AS records, min(example) AS example,
            min(expected) AS expected, any_value(message ORDER BY message) AS message
        FROM ops.finding WHERE feed = $feed AND delivery_id = (
            SELECT arg_max(delivery_id, {NEWEST}) FROM ops.delivery WHERE feed = $feed AND {BROUGHT})
        GROUP BY ALL ORDER BY records DESC, rule, field""",
        {"feed": feed},
    )


def waiting_words(feed: str) -> list[str]:
    """Say how many of a feed's set-aside records wait, how they are replayed, and how many can be no more."""
    ((waiting,),) = _ask("SELECT count(*) FROM ops.set_aside_open WHERE feed = $feed", {"feed": feed})[1]
    lost = "SELECT count(*) FROM ops.set_aside_event WHERE feed = $feed AND event = 'expired'"
    ((expired,),) = _ask(lost, {"feed": feed})[1]
    told = []
    if waiting:
        told.append(f"set aside and waiting: {waiting:,}; when what is wrong is mended: civiclake replay {feed}")
    if expired:
        told.append(f"set aside and never mended until their pages were past their time: {expired:,}")
    return told


def layout_words(city: City, feed: str) -> list[str]:
    """Say how the layout of a feed's last delivery changed, what is made from the changed fields, and whom to tell."""
    rows = _ask(
        f"""SELECT rule, sender_field, string_agg(field, ', ' ORDER BY field), any_value(example), any_value(expected)
        FROM ops.finding WHERE rec IS NULL AND rule IN ('layout_removed', 'retyped', 'layout_added')
            AND feed = $feed AND delivery_id = (
                SELECT arg_max(delivery_id, {NEWEST}) FROM ops.delivery WHERE feed = $feed AND {BROUGHT})
        GROUP BY rule, sender_field ORDER BY ALL""",
        {"feed": feed},
    )[1]
    if not rows:
        return []
    newest = f"SELECT arg_max(layout_renamed, {NEWEST}) FROM ops.delivery WHERE feed = $feed AND {BROUGHT}"
    renamed = _ask(newest, {"feed": feed})[1]
    names = dict(json.loads(renamed[0][0] or "[]"))
    marts = _marts_on(feed)
    told = [_change_words(names, *row) for row in rows]
    return [*told, f"built on it: {', '.join(marts) or 'no mart yet'}; steward: {city.department_of(feed).steward}"]


def _marts_on(feed: str) -> list[str]:
    """Return the marts that stand on a feed; before the first build none is known."""
    if not _ask("FROM duckdb_tables() WHERE schema_name = 'marts' AND table_name = 'mart_readiness'")[1]:
        return []
    sql = "SELECT mart FROM marts.mart_readiness WHERE list_contains(list_transform(feeds, one -> one.feed), $feed)"
    return [mart for (mart,) in _ask(f"{sql} ORDER BY mart", {"feed": feed})[1]]


def _change_words(
    names: dict[str, str], rule: str, sender: str, fields: str | None, now: str | None, was: str | None
) -> str:
    if rule == "layout_added":
        return f"new: {sender}"
    if rule == "layout_removed":
        near = f", perhaps now {names[sender]}" if sender in names else ""
        return f"gone: {sender}{near}; made from it: {fields}"
    shapes = f" ({now}, before {was})" if now and was else ""
    return f"written another way: {sender}{shapes}; made from it: {fields}"


def _ask(sql: str, values: dict[str, object] | None = None) -> Rows:
    prepare()
    with connect() as connection:
        answer = connection.execute(sql, values or {})
        return [column[0] for column in answer.description or []], answer.fetchall()
