"""The builds of the last days and what they found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from cities import City
from reports.facts import Facts
from reports.feeds import FeedState
from reports.score import city_score, rounded


def run_entries(city: City, states: Sequence[FeedState], facts: Facts) -> list[dict[str, Any]]:
    """Return the `runs` of report.json: the last builds, the newest first, with the figures of their days."""
    groups = [[state for state in states if state.department.id == name] for name in city.departments]
    return [
        {
            "run_id": build.run_id,
            "day": build.finished_at.date().isoformat(),
            "status": "ok" if build.state == "success" else "failed",
            "duration_s": round((build.finished_at - build.started_at).total_seconds()),
            "score": rounded(city_score(groups, build.finished_at.date())),
            **_sums(states, build.finished_at.date()),
        }
        for build in facts.builds
    ]


def _sums(states: Sequence[FeedState], day: date) -> dict[str, int]:
    rows = [row for state in states if (row := state.by_day.get(day))]
    return {
        "records_in": sum(row.received for row in rows),
        "records_loaded": sum(row.loaded for row in rows),
        "records_set_aside": sum(row.set_aside for row in rows),
        "feeds_on_time": sum(row.arrival == "on_time" for row in rows),
    }
