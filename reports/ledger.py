"""The builds of the last days and what they found, and what one run did step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from cities import City
from reports.facts import BuildRun, Facts, Receipt
from reports.feeds import FeedState
from reports.run import RunFacts
from reports.score import city_score, rounded


def run_entries(
    city: City, states: Sequence[FeedState], facts: Facts, run: RunFacts, earlier: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    """Return the `runs` of report.json: the last builds, the newest first, with the figures of their days.

    `page` is the run of the report that tells of a build, where one was written; those before are known from `earlier`.
    """
    pages = {one["run_id"]: one.get("page") for one in (earlier or {}).get("runs", [])}
    groups = [[state for state in states if state.department.id == name] for name in city.departments]
    return [
        {
            "run_id": build.run_id,
            "page": run.slug if build.finished_at == run.finished_at else pages.get(build.run_id),
            "started_at": build.started_at.isoformat(),
            "finished_at": build.finished_at.isoformat(),
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


def run_steps(facts: Facts, run: RunFacts) -> list[dict[str, Any]]:
    """Return the steps of the run with their times: what was collected that day, what failed, and the build."""
    collected = [_step("collect", _first(facts.receipts), _last(facts.receipts))] if facts.receipts else []
    failed = [_step(one.step, one.started_at, one.finished_at, one.feed, False) for one in facts.failures]
    builds = [_of_build(build) for build in facts.builds if build.finished_at == run.finished_at]
    return [*collected, *(one for one in failed if one["step"] != "build"), *builds]


def _first(receipts: Sequence[Receipt]) -> datetime:
    return min(one.fetched_at for one in receipts)


def _last(receipts: Sequence[Receipt]) -> datetime:
    return max(one.loaded_at for one in receipts)


def _of_build(build: BuildRun) -> dict[str, Any]:
    return _step("build", build.started_at, build.finished_at, None, build.state == "success")


def _step(
    step: str, started_at: datetime, finished_at: datetime, feed: str | None = None, is_done: bool = True
) -> dict[str, Any]:
    times = {"started_at": started_at.isoformat(), "finished_at": finished_at.isoformat()}
    return {"step": step, "feed": feed, **times, "status": "ok" if is_done else "failed"}


def run_deliveries(facts: Facts) -> Iterator[dict[str, Any]]:
    """Yield the newest delivery of each feed on the day of the figures."""
    for one in facts.receipts:
        yield {
            "feed": one.feed,
            "delivery_id": one.delivery_id,
            "is_refused": one.is_refused,
            "contract_version": one.contract_version,
            "fetched_at": one.fetched_at.isoformat(),
            "loaded_at": one.loaded_at.isoformat(),
            "sha256": one.sha256,
            "deliveries": one.deliveries,
        }
