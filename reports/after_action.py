"""The after-action report of an emergency, from the facts that it is given and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cities import City
from reports.words import LANGUAGES, say, title

FIGURES = (
    "duration_minutes", "first_alert_minutes", "first_unit_minutes", "alert_count", "closed_alert_count", "call_count",
    "reached_call_count", "opened_request_count", "closed_request_count", "interrupted_service_count",
    "restored_service_count",
)  # fmt: skip
COUNTED = (
    "alert_raised_count", "alert_closed_count", "call_received_count", "unit_arrived_count", "request_opened_count",
    "request_closed_count", "service_stopped_count", "service_restored_count",
)  # fmt: skip
MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]<>#|"} | {"\n": " ", "\r": " "})
"""What people wrote is text: it makes no heading, link or column."""


def pages(facts: Mapping[str, Any], city: City) -> dict[str, str]:
    """Return the report in each language, as Markdown.

    `facts` has the rows of the marts and of `ops` for one emergency, and the number of the snapshot they were read at.
    """
    jinja = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"), undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True, autoescape=False,
    )  # fmt: skip
    template = jinja.get_template("after_action.md")
    return {language: template.render(**_told(facts, city, language)) for language in LANGUAGES}


def _told(facts: Mapping[str, Any], city: City, language: str) -> dict[str, Any]:
    [summary] = facts["summary"]

    def word(key: str, /, **values: Any) -> str:
        return say(f"after_action.{key}", **values)[language]

    def local(instant: datetime) -> str:
        return instant.astimezone(city.zone).strftime("%Y-%m-%d %H:%M:%S %z")

    return {
        "w": word,
        "local": local,
        "text": lambda said: str(said or "").translate(MARKS),
        "city": title(city.title)[language],
        "name": summary["emergency"],
        "summary": summary,
        "figures": [(word(f"figure.{name}"), _figure(summary[name])) for name in FIGURES],
        "headline": "headline_zh" if language == "zh" else "headline",
        "minutes": [one for one in facts["timeline"] if any(one[name] for name in (*COUNTED, "action_count"))],
        "counted": COUNTED,
        "sensors": _sensors(facts["timeline"]),
        "services": _services(facts["services"]),
        **{part: facts[part] for part in ("actions", "alerts", "answers", "snapshot")},
    }


def _figure(value: Any) -> str:
    """Write a figure; what is not known is a dash."""
    if value is None:
        return "–"
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}"


@dataclass
class Services:
    """What stopped and came back of one kind of service in one area."""

    kind: str
    area_code: str
    stopped: int = 0
    restored: int = 0
    first_stopped_at: datetime | None = None
    last_restored_at: datetime | None = None


def _services(interruptions: list[Mapping[str, Any]]) -> list[Services]:
    """Return a line for each kind of service and area; what came back after the end had not come back by it."""
    lines: dict[tuple[str, str], Services] = {}
    for one in interruptions:
        line = lines.setdefault((one["kind"], one["area_code"]), Services(one["kind"], one["area_code"]))
        line.stopped += 1
        line.first_stopped_at = min(line.first_stopped_at or one["stopped_at"], one["stopped_at"])
        if one["is_restored"]:
            line.restored += 1
            line.last_restored_at = max(line.last_restored_at or one["restored_at"], one["restored_at"])
    return list(lines.values())


def _sensors(timeline: list[Mapping[str, Any]]) -> list[tuple[datetime, str, str, str]]:
    """Return the state of the sensors, a line each time it changes."""
    lines: list[tuple[datetime, str, str, str]] = []
    for one in timeline:
        counts = tuple(_figure(one[f"sensor_{state}_count"]) for state in ("ok", "faulty", "unknown"))
        if not lines or lines[-1][1:] != counts:
            lines.append((one["minute_at"], *counts))
    return lines
