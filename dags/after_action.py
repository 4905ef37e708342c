"""Writes what happened in an emergency, from one pinned state of the lake."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cities import City, home


def write(city: City, name: str) -> list[Path]:
    """Write the report of an emergency in every language and return the places; written again it is the same.

    At the first time the marts of emergencies are built as of its end, and that state of the lake is pinned.
    """
    from lake.emergency import emergencies
    from reports.after_action import pages

    [emergency] = [one for one in emergencies() if one["emergency"] == name]
    snapshot = emergency["snapshot_id"]
    if snapshot is None:
        snapshot = _build_and_pin(city, emergency)
    folder = home() / "emergencies" / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    places = []
    for language, text in pages(_facts(name, snapshot), city).items():
        place = folder / f"report.{language}.md"
        draft = place.with_suffix(".draft")
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(place)
        places.append(place)
    return places


def _build_and_pin(city: City, emergency: dict[str, Any]) -> int:
    from dags.dbt_build import DbtFailed, run_selected
    from lake import sync_city
    from lake.emergency import pin
    from lake.watch import as_of, has_clock

    ended = emergency["stopped_at"]
    if not has_clock():
        sync_city(city, ended)
    with as_of(ended):
        result = run_selected("emergency")
        if result.failed:
            raise DbtFailed("these did not come through: " + "; ".join(result.failed))
        return pin(emergency["emergency"], ended)


def _facts(name: str, snapshot: int) -> dict[str, Any]:
    """Return all that the report tells, as the lake stood at a snapshot."""
    from lake import connect
    from lake.alerts import rows

    at = f"AT (VERSION => {int(snapshot)})"
    emergency = f"(FROM ops.emergency {at} WHERE emergency = ?)"
    asked = {
        "summary": f"FROM marts.emergency_summaries {at} WHERE emergency = ?",
        "timeline": f"FROM marts.emergency_timeline {at} WHERE emergency = ? ORDER BY minute_at",
        "services": f"""FROM marts.emergency_interruptions {at} WHERE emergency = ?
            ORDER BY kind, area_code, stopped_at, feed, subject""",
        "actions": f"FROM ops.emergency_action {at} WHERE emergency = ? ORDER BY happened_at, action, subject",
        "alerts": f"""SELECT alerts.* FROM {emergency}, (FROM ops.alert {at}) AS alerts
            WHERE raised_at BETWEEN started_at AND stopped_at ORDER BY raised_at, alert_id""",
        "answers": f"""SELECT events.* FROM {emergency}, (FROM ops.alert_event {at}) AS events
            WHERE event IN ('acknowledged', 'resolved', 'false_alarm', 'snoozed', 'escalated')
                AND happened_at BETWEEN started_at AND stopped_at ORDER BY happened_at, alert_id, event""",
    }  # fmt: skip
    with connect() as sql:
        return {part: rows(sql, query, [name]) for part, query in asked.items()} | {"snapshot": snapshot}
