"""What people say of an action."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from cities import City, now
from lake.actions import Change, Row, write
from lake.alerts import rows
from lake.connection import connect
from lake.errors import ActionError
from lake.lock import writer_lock
from lake.tables import prepare

Answer = Literal["acknowledged", "accepted", "assigned", "date_set"]

LONGEST = 500


def answer_action(
    city: City, action_key: str, said: Answer, who: str, note: str = "", to: str = "", due: date | None = None
) -> None:
    """Keep what a person says of an open action; the next build leaves it as it is, and the next report shows it.

    Raises ActionError where there is no such action, nothing is left to say of it, or something said is missing: a
    reason to accept it, `to` whom it is assigned, a day (`due`) from today on.
    """
    _refuse_unusable(city, said, note, to, due)
    prepare()
    with writer_lock(), connect() as sql:
        found = rows(sql, "FROM ops.action WHERE action_key = ?", [action_key])
        if not found:
            raise ActionError(f"no action {action_key!r}; `civiclake action ls` lists them")
        [action] = found
        if action["state"] != "open":
            raise ActionError(f"{action_key} is closed: {action['state']}")
        at = now()
        remark = f"to {to}" + (f": {note}" if note else "") if said == "assigned" else note or None
        changed = {**action, **({"note": note} if note else {}), **_changes(action, said, who, at, to, due)}
        sql.begin()
        write(sql, [Change(changed, ((said, remark),))], at, who)
        sql.commit()


def _changes(action: Row, said: Answer, who: str, at: datetime, to: str, due: date | None) -> dict[str, Any]:
    if said == "accepted":
        return {"state": "accepted", "accepted_at": at, "accepted_by": who}
    if said == "assigned":
        return {"assigned_to": to}
    if said == "date_set":
        # it can be late again, by the new day
        return {"due_date": due, "due_set_by": who, "escalated_at": None}
    return {"acknowledged_at": action["acknowledged_at"] or at, "acknowledged_by": action["acknowledged_by"] or who}


def _refuse_unusable(city: City, said: Answer, note: str, to: str, due: date | None) -> None:
    if said == "accepted" and not note.strip():
        raise ActionError("accepting wants a reason: why does the city live with it?")
    if said == "assigned" and not to.strip():
        raise ActionError("say to whom it is assigned")
    if said == "date_set" and (due is None or due < now().astimezone(city.zone).date()):
        raise ActionError(f"give a day from today on, not {due or 'none'}")
    for text in (note, to):
        if len(text) > LONGEST or not text.isprintable():
            raise ActionError(f"write one line of at most {LONGEST} characters")
