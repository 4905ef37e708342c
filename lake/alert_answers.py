"""What people say of an alert."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from cities import City, now
from lake.alert_messages import Outbox
from lake.alerts import OPEN, Row, change, rows, tell
from lake.connection import connect
from lake.errors import AlertError
from lake.lock import writer_lock
from lake.tables import prepare

Answer = Literal["acknowledged", "resolved", "false_alarm", "snoozed"]


def answer(city: City, alert_id: str, said: Answer, who: str, note: str = "", until: datetime | None = None) -> None:
    """Keep what a person says of an alert, and tell its recipients where that closes it.

    Raises AlertError where there is no such alert, or it was closed already. A false alarm may be told of a resolved
    one too, which often is known only then.
    """
    prepare()
    with writer_lock(), connect() as sql:
        sql.begin()
        found = rows(sql, "FROM ops.alert WHERE alert_id = ?", [alert_id])
        if not found:
            raise AlertError(f"no alert {alert_id!r}; `civiclake alert ls` lists them")
        [alert] = found
        if alert["state"] not in OPEN and not (said == "false_alarm" and alert["state"] == "resolved"):
            raise AlertError(f"{alert_id} is closed: {alert['state']}")
        at = now()
        change(sql, alert_id, **_changes(alert, said, at, until))
        tell(sql, alert_id, said, at, who, note)
        if said in ("resolved", "false_alarm") and alert["state"] in OPEN:
            Outbox(sql, city, at).write(alert, "cancel", note)
        sql.commit()


def _changes(alert: Row, said: Answer, at: datetime, until: datetime | None) -> dict[str, object]:
    if said == "acknowledged":
        # what was escalated stays told as that; it is answered all the same
        return {"state": "acknowledged", "acknowledged_at": alert["acknowledged_at"] or at}
    if said == "snoozed":
        return {"snooze_until": until}
    return {"state": said, "closed_at": alert["closed_at"] or at}
