"""The outbox: messages about alerts are written in the transaction that makes them due, and sent afterwards.

A message says all that it will ever say when it is written, so that sending it twice sends the same.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import duckdb

from cities import City

Row = dict[str, Any]

KINDS = {"alert": "Alert", "escalation": "Update", "cancel": "Cancel", "digest": "Alert"}
"""What each kind of message is called in CAP."""

TOLD = (
    "alert_id", "rule", "department", "area_code", "subject", "event", "event_zh", "category", "urgency", "severity",
    "certainty", "headline", "headline_zh", "description", "description_zh", "figures", "snapshot_id", "onset_at",
)  # fmt: skip
"""What a message says of an alert."""


class Outbox:
    """Writes messages within one open transaction."""

    def __init__(self, sql: duckdb.DuckDBPyConnection, city: City, at: datetime) -> None:
        self.sql, self.city, self.at = sql, city, at
        self.is_urgent = False
        self._sent_today: dict[str, int] = {}

    def is_over_budget(self, department: str) -> bool:
        """Count one more alert of a department, and return whether it is beyond what it may have today."""
        if department not in self._sent_today:
            row = self.sql.execute(
                """SELECT count(*) FROM ops.alert WHERE department = $department AND NOT is_folded
                AND timezone($zone, raised_at)::DATE = timezone($zone, $at::TIMESTAMPTZ)::DATE""",
                {"department": department, "zone": self.city.time_zone, "at": self.at},
            ).fetchone()
            self._sent_today[department] = int(row[0]) if row else 0
        is_over = self._sent_today[department] >= self.city.alerts.budget_of(department)
        self._sent_today[department] += not is_over
        return is_over

    def write(self, alert: Row, kind: str, note: str = "") -> None:
        """Write a message about one alert; the end of one that was only told in a digest, or in none, is not told."""
        alert_id, before = alert["alert_id"], self._before(alert["alert_id"])
        if kind == "cancel" and not before:
            return
        message_id = f"{alert_id}-{len(before) + 1}"
        self._insert(message_id, alert_id, kind, alert["department"], [alert], before, note)

    def fold(self) -> None:
        """Write a digest of each department's folded alerts: at once if one is critical, else once the hour is over."""
        hour = self.at.replace(minute=0, second=0, microsecond=0)
        waiting = "FROM ops.alert WHERE is_folded AND folded_into IS NULL"
        query = f"SELECT DISTINCT department {waiting} GROUP BY department HAVING min(raised_at) < ? OR ? ORDER BY ALL"
        for (department,) in self.sql.execute(query, [hour, self.is_urgent]).fetchall():
            answer = self.sql.execute(f"{waiting} AND department = ? ORDER BY alert_id", [department])
            names = [column[0] for column in answer.description or []]
            alerts = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
            message_id = f"{self.city.id}-{self.at:%Y%m%dT%H%M%SZ}-{department}-digest"
            self._insert(message_id, None, "digest", department, alerts, [], "")
            self.sql.execute(
                "UPDATE ops.alert SET folded_into = ? WHERE is_folded AND folded_into IS NULL AND department = ?",
                [message_id, department],
            )

    def _before(self, alert_id: str) -> list[tuple[str, str]]:
        """Return (identifier, sent) of the earlier messages about an alert, the oldest first."""
        query = """SELECT message_id, content ->> '$.sent' FROM ops.alert_message WHERE alert_id = ?
            ORDER BY created_at, message_id"""
        return self.sql.execute(query, [alert_id]).fetchall()

    def _insert(
        self, message_id: str, alert_id: str | None, kind: str, department: str, alerts: list[Row],
        before: list[tuple[str, str]], note: str,
    ) -> None:  # fmt: skip
        content = {
            "identifier": message_id,
            "sender": self.city.contact.email,
            "sender_name": self.city.contact.name,
            "sent": self._stamp(self.at),
            "status": self.city.alerts.status,
            "kind": kind,
            "msg_type": KINDS[kind],
            "references": [list(one) for one in before],
            "note": note,
            "area_kind": self.city.areas.kind,
            "city": self.city.title,
            "department": self._title(department),
            "alerts": [self._told(alert) for alert in alerts],
        }
        text = json.dumps(content, ensure_ascii=False, sort_keys=True)
        self.sql.execute(
            "INSERT INTO ops.alert_message VALUES (?, ?, ?, ?, ?, ?)",
            [message_id, alert_id, kind, department, text, self.at],
        )
        for channel, recipient in self.city.alerts.channels(department, kind == "escalation"):
            self.sql.execute(
                "INSERT INTO ops.alert_delivery VALUES (?, ?, ?, 'waiting', 0, NULL, ?, NULL)",
                [message_id, channel, recipient, self.at],
            )

    def _title(self, department: str) -> dict[str, str]:
        """Return a department's title; one that the city no longer has is called by its name."""
        known = self.city.departments.get(department)
        return known.title if known else {"en": department}

    def _told(self, alert: Row) -> Row:
        told = {name: alert[name] for name in TOLD}
        return {**told, "onset_at": self._stamp(alert["onset_at"]), "figures": json.loads(alert["figures"] or "{}")}

    def _stamp(self, instant: datetime) -> str:
        """Return an instant as CAP wants it: to the second, in the city's own time with its offset."""
        return instant.astimezone(self.city.zone).isoformat(timespec="seconds")
