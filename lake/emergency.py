"""Emergencies: when one was declared, what was done in it, and which state of the lake its report stands on."""

from __future__ import annotations

import re
from datetime import datetime

import duckdb

from cities import City, now
from cities.emergency import EMERGENCY_CYCLE, can_wait, switch
from lake.alerts import Row, rows
from lake.connection import connect
from lake.errors import AlertError
from lake.lock import writer_lock
from lake.tables import prepare

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


def start(city: City, name: str, who: str, note: str) -> list[str]:
    """Declare an emergency: the monitoring runs every minute, and departments that can wait are not collected.

    Returns those departments. Raises AlertError where the name cannot be used or another emergency goes on.
    """
    if not NAME.fullmatch(name):
        raise AlertError(f"{name!r} cannot be a name; use a-z, 0-9 and -, like storm-2026-11")
    prepare()
    waiting = [one.id for one in city.departments.values() if can_wait(one)]
    with writer_lock(), connect() as sql:
        sql.begin()
        if going := _going_on(sql):
            raise AlertError(f"{going} goes on: `civiclake emergency stop` ends it")
        if rows(sql, "FROM ops.emergency WHERE emergency = ?", [name]):
            raise AlertError(f"{name} was an emergency already; take another name")
        at = now()
        sql.execute(
            """INSERT INTO ops.emergency BY NAME
            SELECT $name AS emergency, $at::TIMESTAMPTZ AS started_at, $note AS note, $who AS started_by""",
            {"name": name, "at": at, "note": note, "who": who},
        )
        _act(sql, name, "started", "", who, note, at)
        _act(sql, name, "cycle_shortened", EMERGENCY_CYCLE, who, "", at)
        for department in waiting:
            _act(sql, name, "paused", department, who, "", at)
        sql.commit()
    switch(name)
    return waiting


def stop(city: City, who: str, note: str) -> str:
    """End the emergency that goes on and return its name. Raises AlertError where there is none."""
    prepare()
    with writer_lock(), connect() as sql:
        sql.begin()
        if (name := _going_on(sql)) is None:
            raise AlertError("no emergency goes on")
        at = now()
        sql.execute(
            "UPDATE ops.emergency SET stopped_at = ?, stopped_by = ? WHERE emergency = ?", [at, who, name]
        )
        paused = "SELECT subject FROM ops.emergency_action WHERE emergency = ? AND action = 'paused' ORDER BY ALL"
        for (department,) in sql.execute(paused, [name]).fetchall():
            _act(sql, name, "resumed", department, who, "", at)
        _act(sql, name, "stopped", "", who, note, at)
        sql.commit()
    switch(None)
    return name


def emergencies() -> list[Row]:
    """Return all emergencies, the newest first."""
    prepare()
    with connect() as sql:
        return rows(sql, "FROM ops.emergency ORDER BY started_at DESC, emergency")


def going_on() -> str | None:
    """Return the name of the emergency that goes on."""
    prepare()
    with connect() as sql:
        return _going_on(sql)


def mend_switch() -> None:
    """Let the switch say what the lake says: who declared or ended an emergency may have been killed in between."""
    switch(going_on())


def pin(name: str, as_of: datetime) -> int:
    """Note that the report of an emergency stands on the lake as it is now; return that snapshot, or the one noted.

    The caller holds the writer lock since before the build that the report reads.
    """
    with connect() as sql:
        [one] = rows(sql, "FROM ops.emergency WHERE emergency = ?", [name])
        if one["snapshot_id"] is None:
            row = sql.execute("FROM lake.current_snapshot()").fetchone()
            assert row is not None
            one["snapshot_id"] = row[0]
            sql.execute(
                "UPDATE ops.emergency SET snapshot_id = ?, reported_as_of = ? WHERE emergency = ?",
                [row[0], as_of, name],
            )
    return int(one["snapshot_id"])


def _going_on(sql: duckdb.DuckDBPyConnection) -> str | None:
    row = sql.execute("SELECT emergency FROM ops.emergency WHERE stopped_at IS NULL").fetchone()
    return row[0] if row else None


def _act(
    sql: duckdb.DuckDBPyConnection, name: str, action: str, subject: str, who: str, note: str, at: datetime
) -> None:
    sql.execute("INSERT INTO ops.emergency_action VALUES (?, ?, ?, ?, ?, ?)", [name, action, subject, who, note, at])
