"""Brings the alerts that are kept in line with those that should stand, in one transaction.

An alert is one event: it begins when its cause is first found, is found again by its key while the cause stands, and
ends when the cause is gone. What people say of it (acknowledged, false alarm) is kept beside that, so that an alert
that was judged is not raised again while its cause still stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import duckdb

from cities import City
from lake.alert_messages import Outbox
from lake.connection import connect

Row = dict[str, Any]

UNANSWERED = ("new", "sent")
OPEN = (*UNANSWERED, "acknowledged", "escalated")
"""The states of an alert that nobody closed."""

KEPT = (
    "dedup_key", "rule", "department", "feed", "area_code", "subject", "event", "event_zh", "category", "urgency",
    "severity", "certainty", "headline", "headline_zh", "description", "description_zh", "figures", "onset_at",
    "visible_at", "clear_minutes",
)  # fmt: skip
"""What an alert keeps of what was found."""


@dataclass
class Reconciled:
    """What a reconciliation did, in alerts."""

    raised: int = 0
    standing: int = 0
    ended: int = 0
    escalated: int = 0
    folded: int = 0
    is_overtaken: bool = False


@dataclass
class _Round:
    """What the steps of one reconciliation share."""

    sql: duckdb.DuckDBPyConnection
    city: City
    instant: datetime
    at: datetime
    snapshot: int
    outbox: Outbox
    done: Reconciled = field(default_factory=Reconciled)


def reconcile(city: City, instant: datetime, at: datetime) -> Reconciled:
    """Raise what is new, keep what stands, end what is gone, escalate what waited too long; write the messages.

    Reads `int_alerts_wanted` as it was built for `instant`; `at` is the time of day by the clock. The caller holds the
    writer lock since before that build. A cycle that a later one has overtaken changes nothing, nor does one run twice.
    """
    with connect() as sql:
        if _is_overtaken(sql, instant):
            return Reconciled(is_overtaken=True)
        row = sql.execute("FROM lake.current_snapshot()").fetchone()
        sql.begin()
        this = _Round(sql, city, instant, at, int(row[0]) if row else 0, Outbox(sql, city, at))
        wanted = {one["dedup_key"]: one for one in rows(sql, "FROM intermediate.int_alerts_wanted ORDER BY dedup_key")}
        known = {one["dedup_key"]: one for one in rows(sql, "FROM ops.alert WHERE ended_at IS NULL")}
        for key in sorted(wanted.keys() - known.keys()):
            _raise(this, wanted[key])
        _keep(this, [(known[key], wanted[key]) for key in sorted(wanted.keys() & known.keys())])
        for key in sorted(known.keys() - wanted.keys()):
            _end(this, known[key])
        _escalate(this)
        this.outbox.fold()
        sql.commit()
    return this.done


def rows(sql: duckdb.DuckDBPyConnection, query: str, values: Sequence[object] = ()) -> list[Row]:
    """Return what a query answers as dictionaries."""
    answer = sql.execute(query, list(values))
    names = [column[0] for column in answer.description or []]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def tell(
    sql: duckdb.DuckDBPyConnection, alert_id: str, event: str, at: datetime, who: str = "", note: str = "",
    figures: str | None = None, snapshot: int | None = None,
) -> None:  # fmt: skip
    """Write one row into the history of an alert."""
    values = [alert_id, event, who, note, figures, snapshot, at]
    sql.execute("INSERT INTO ops.alert_event VALUES (?, ?, ?, ?, ?, ?, ?)", values)


def change(sql: duckdb.DuckDBPyConnection, alert_id: str, **values: object) -> None:
    """Change columns of one alert."""
    places = ", ".join(f"{name} = ?" for name in values)
    sql.execute(f"UPDATE ops.alert SET {places} WHERE alert_id = ?", [*values.values(), alert_id])


def _is_overtaken(sql: duckdb.DuckDBPyConnection, instant: datetime) -> bool:
    row = sql.execute("SELECT count(*) FROM ops.watch_cycle WHERE instant > ?", [instant]).fetchone()
    return bool(row and row[0])


def _raise(this: _Round, found: Row) -> None:
    named = hashlib.sha256(found["dedup_key"].encode()).hexdigest()[:8]
    minutes = found["escalate_minutes"]
    alert: Row = {name: found[name] for name in KEPT} | {
        "alert_id": f"{this.city.id}-{this.instant:%Y%m%dT%H%M%SZ}-{named}",
        "snapshot_id": this.snapshot,
        "state": "new",
        "is_folded": this.outbox.is_over_budget(found["department"]),
        "raised_at": this.at,
        "last_standing_at": this.instant,
        "escalate_at": this.at + timedelta(minutes=minutes) if minutes is not None else None,
    }
    names = ", ".join(alert)
    this.sql.execute(
        f"INSERT INTO ops.alert ({names}) VALUES ({', '.join('?' * len(alert))})", list(alert.values())
    )
    tell(this.sql, alert["alert_id"], "raised", this.at, figures=found["figures"], snapshot=this.snapshot)
    this.done.raised += 1
    if alert["is_folded"]:
        this.done.folded += 1
        this.outbox.is_urgent |= bool(found["is_critical"])
    else:
        this.outbox.write(alert, "alert")


def _keep(this: _Round, standing: Sequence[tuple[Row, Row]]) -> None:
    """Note that alerts still stand; figures that grow are not sent again."""
    this.done.standing += len(standing)
    if not standing:
        return
    places = ", ".join("?" * len(standing))
    this.sql.execute(
        f"UPDATE ops.alert SET last_standing_at = ? WHERE alert_id IN ({places}) AND last_standing_at < ?",
        [this.instant, *(alert["alert_id"] for alert, _ in standing), this.instant],
    )


def _end(this: _Round, alert: Row) -> None:
    """End an alert whose cause is gone, for long enough and by a source that was read since: unknown is not gone."""
    if this.instant - alert["last_standing_at"] < timedelta(minutes=alert["clear_minutes"]):
        return
    if not _was_read_since(this.sql, alert["feed"], alert["last_standing_at"]):
        return
    change(this.sql, alert["alert_id"], ended_at=this.at)
    tell(this.sql, alert["alert_id"], "ended", this.at)
    this.done.ended += 1
    if alert["state"] in OPEN:
        change(this.sql, alert["alert_id"], state="resolved", closed_at=this.at)
        this.outbox.write(alert, "cancel")


def _was_read_since(sql: duckdb.DuckDBPyConnection, feed: str, instant: datetime) -> bool:
    query = """SELECT count(*) FROM ops.delivery WHERE feed = ? AND verdict = 'accepted' AND replays IS NULL
        AND fetched_at > ?"""
    row = sql.execute(query, [feed, instant]).fetchone()
    return bool(row and row[0])


def _escalate(this: _Round) -> None:
    """Tell those above of critical alerts that nobody acknowledged in time."""
    query = f"""FROM ops.alert WHERE ended_at IS NULL AND state IN {UNANSWERED} AND escalate_at <= ?
        AND coalesce(snooze_until <= ?, true) ORDER BY alert_id"""
    for alert in rows(this.sql, query, [this.at, this.at]):
        change(this.sql, alert["alert_id"], state="escalated", escalated_at=this.at)
        tell(this.sql, alert["alert_id"], "escalated", this.at)
        this.outbox.write(alert, "escalation")
        this.done.escalated += 1
