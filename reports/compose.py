"""Puts the parts together: `report.json`, of which every page is only a picture."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from cities import City
from reports.actions import Morning, read_actions
from reports.book import OPEN
from reports.catalogue import catalogue_entries, privacy_entries
from reports.changes import read_changes
from reports.departments import city_entry, department_entries
from reports.facts import Facts, ReportError, View
from reports.feed_details import feed_details
from reports.feeds import FeedState, feed_entry, read_states
from reports.gaps import read_gaps
from reports.ledger import run_deliveries, run_entries, run_steps
from reports.reasons import read_reasons, reason_entry
from reports.run import RunFacts
from reports.verdict import judge
from reports.views import read_views_entries
from reports.words import title

SCHEMA_VERSION = "1.1"
SCHEMA = Path(__file__).parent / "report.schema.json"


def compose(city: City, facts: Facts, run: RunFacts, earlier: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return a report as JSON, checked against `report.schema.json`.

    `earlier` is the report published before, from which a gap's first day is taken. Raises ReportError where the
    result is not what the schema promises.
    """
    now = run.finished_at.astimezone(city.zone)
    states = read_states(city, facts)
    reasons = read_reasons(states, facts)
    views = facts.views
    entries = read_views_entries(views, city, facts, now.date())
    departments = department_entries(city, states, views, facts)
    actions = read_actions(states, reasons, facts.tasks, Morning(city, run, now, views))
    known_since = {gap["id"]: gap["since"] for gap in (earlier or {}).get("gaps", [])}
    report = {
        "schema_version": SCHEMA_VERSION,
        "city": {"id": city.id, "name": title(city.title), "time_zone": city.time_zone, "contact": dict(city.contact)},
        "run": _run(run, now, facts, earlier),
        "verdict": judge(run, facts, states, departments, entries, now.date()),
        "score": {"city": city_entry(city, states, departments, facts)},
        "departments": [_with_actions(entry, actions) for entry in departments],
        "feeds": [
            {**feed_entry(state, _used_by(state, views), city.time_zone), **feed_details(state, city, facts)}
            for state in states
        ],
        "set_aside": [reason_entry(reason, len(city.areas.codes)) for reason in reasons if reason.aside.count],
        "actions": actions,
        "views": entries,
        "runs": run_entries(city, states, facts, run, earlier),
        "catalogue": catalogue_entries(city, facts),
        "privacy": {"fields": privacy_entries(facts), "delivery_days": city.delivery_days},
        "gaps": read_gaps(city, states, views, facts, known_since, now.date(), _due(actions)),
        "changes": read_changes(states, departments, facts, earlier, now.date()),
        "area_names": {code: facts.area_names.get(code, code) for code in city.areas.codes},
        "names": city.names,
    }
    _check(report)
    return report


def _run(run: RunFacts, now: datetime, facts: Facts, earlier: Mapping[str, Any] | None) -> dict[str, Any]:
    before = earlier["run"] if earlier else {}
    # a retried run replaces its own report: what came before it is what came before its first try
    previous = before.get("previous_run_id") if before.get("run_id") == run.slug else before.get("run_id")
    return {
        "run_id": run.slug,
        "day": now.date().isoformat(),
        "logical_date": run.logical_at.isoformat(),
        "started_at": run.started_at.astimezone(now.tzinfo).isoformat(),
        "finished_at": now.isoformat(),
        "duration_s": round((run.finished_at - run.started_at).total_seconds()),
        "trigger": run.trigger,
        "code_version": run.code_version,
        "previous_run_id": previous,
        "status": run.status,
        "figures_as_of": facts.as_of.isoformat() if facts.as_of else None,
        "dag_run_url": run.address,
        "steps": run_steps(facts, run),
        "deliveries": list(run_deliveries(facts)),
    }


def _with_actions(entry: dict[str, Any], actions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    count = sum(action["department"] == entry["slug"] and action["status"] in OPEN for action in actions)
    return {**entry, "open_actions": count}


def _due(actions: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the days by which the actions are to be done."""
    return {action["id"]: action["due_at"][:10] for action in actions}


def _used_by(state: FeedState, views: Sequence[View]) -> list[str]:
    return [view.slug for view in views if state.id in view.feeds]


@cache
def _schema() -> Any:
    return json.loads(SCHEMA.read_text(encoding="utf-8"))


def _check(report: dict[str, Any]) -> None:
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(_schema()).iter_errors(report))
    if error is not None:
        where = "/".join(map(str, error.absolute_path)) or "the whole"
        raise ReportError(f"report.json: {where} breaks {SCHEMA.name} ({error.validator}); mend reports/ or the schema")
