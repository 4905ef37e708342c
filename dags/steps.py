"""What each task does. Heavy libraries are imported inside, so that reading the DAG file stays cheap."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cities import City, home, now, read_city

if TYPE_CHECKING:
    from extractors import Window

log = logging.getLogger("civiclake.steps")

OURS = ("cities", "extractors", "contracts", "lake", "reports", "dags")
"""Errors of these say nothing personal; what another library's error says may hold a value, and `ops` is published."""


class Hopeless(RuntimeError):
    """Trying again cannot help; the message says what to do instead."""


def delivery_id_of(instant: datetime) -> str:
    """Return the delivery id of a run's instant, like 20261026T114200Z."""
    return instant.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def fetch_feed(feed_id: str, instant: datetime, run_id: str, window: dict[str, Any]) -> str:
    """Keep one delivery of a feed and return its place; what this run kept or loaded before is taken as it is."""
    from extractors import FetchError, fetch
    from lake import OtherCity, claim, cursor_of, find_delivery

    city = read_city()
    with _told("fetch", feed_id, run_id) as told:
        asked = _asked(window)
        # a back-fill of a day is another delivery than what that day brought by cursor
        delivery_id = delivery_id_of(instant) + ("-backfill" if asked else "")
        try:
            claim(city)
        except OtherCity as error:
            raise Hopeless(str(error)) from None
        if (known := find_delivery(feed_id, delivery_id)) is not None:
            told["said"] = "loaded before"
            return str(known.place)
        cursor = None if asked or window["full_refresh"] else cursor_of(feed_id)
        feed = city.feeds[feed_id]
        try:
            place = fetch(feed_id, feed, delivery_id, cursor=cursor, window=asked, time_zone=city.time_zone)
        except FetchError as error:
            if error.temporary:
                raise
            raise Hopeless(str(error)) from None
        return str(place)


def check_feed(feed_id: str, place: str, run_id: str) -> str:
    """Judge a delivery by its contract and return its place."""
    from contracts import ContractError, check
    from lake import find_delivery

    city = read_city()
    with _told("check", feed_id, run_id) as told:
        if find_delivery(feed_id, Path(place).name) is not None:
            told["said"] = "loaded before"
            return place
        try:
            verdict = check(Path(place), feed_id, city.feeds[feed_id], city)
        except ContractError as error:
            raise Hopeless(str(error)) from None
        told["said"] = f"{verdict.verdict}: {verdict.accepted:,} of {verdict.received:,}"
        return place


def load_feed(feed_id: str, place: str, run_id: str) -> dict[str, Any]:
    """Load a checked delivery; a refused one is written into the ledger and then fails the task."""
    from lake import LoadError, load

    city = read_city()
    with _told("load", feed_id, run_id) as told:
        try:
            loaded = load(Path(place), feed_id, city.feeds[feed_id], run_id=run_id)
        except LoadError as error:
            raise Hopeless(str(error)) from None
        told.update(asdict(loaded))
        if loaded.verdict == "refused":
            raise Hopeless(f"{feed_id}: the delivery was refused; `civiclake status {feed_id}` shows why")
        return asdict(loaded)


def build(instant: datetime, run_id: str, full_refresh: bool = False) -> dict[str, Any]:
    """Run dbt over the lake and publish every mart that came through; the others keep their last good edition."""
    from dags.dbt_build import DbtFailed, run_dbt
    from lake import OtherCity, publish, record_run, sync_city, writer_lock

    started = now()
    with _told("build", None, run_id) as told:
        try:
            sync_city(read_city(), instant)
        except OtherCity as error:
            raise Hopeless(str(error)) from None
        with writer_lock():
            result = run_dbt(full_refresh)
            publish(result.fresh_marts, keep=result.failed_marts)
        told.update(models=result.models, tests=result.tests, marts=len(result.fresh_marts))
        if result.failed:
            raise DbtFailed("these did not come through: " + "; ".join(result.failed))
        record_run(run_id, "build", "build", None, "success", "", started)
        return dict(told)


def report(instant: datetime, run_id: str, trigger: str) -> str:
    """Write the morning report from the published file and return its first page."""
    from importlib.metadata import version

    from dags.dbt_build import manifest_file
    from lake import last_build, published_file
    from reports import RunFacts
    from reports import report as write

    city: City = read_city()
    with _told("report", None, run_id) as told:
        build_state = last_build(instant)
        facts = RunFacts(
            run_id=delivery_id_of(instant),
            logical_at=instant,
            started_at=build_state.started_at,
            finished_at=build_state.finished_at,
            trigger="manual" if trigger == "manual" else "schedule",
            code_version=version("civiclake"),
            status=build_state.status,
        )
        place = write(published_file(), manifest_file(), city, facts, home() / "site")
        told["said"] = str(place)
        return str(place)


def maintain() -> None:
    """Merge small files, expire old snapshots, remove deliveries past their time."""
    from lake.maintenance import maintain as tidy

    with _told("maintain", None, "maintain"):
        tidy(read_city().delivery_days)


def _asked(window: dict[str, Any]) -> Window | None:
    """Return the window of a back-fill, or None where the feed is read by its cursor."""
    from extractors import Window

    try:
        start, end = (datetime.fromisoformat(window[name]) if window[name] else None for name in ("start", "end"))
        return Window(start, end) if start or end else None
    except ValueError as error:
        raise Hopeless(f"the window cannot be used: {error}") from None


@contextmanager
def _told(step: str, feed_id: str | None, run_id: str) -> Iterator[dict[str, Any]]:
    """Tell that a step began and how it ended; a failure is also written to `ops.run`."""
    started = now()
    told: dict[str, Any] = {}
    log.info("%s begins", step, extra={"step": step, "feed": feed_id, "state": "begins"})
    try:
        yield told
    except BaseException as error:
        log.error("%s failed: %s", step, error, extra={"step": step, "feed": feed_id, "state": "failed", "told": told})
        _keep_failure(run_id, step, feed_id, error, started)
        raise
    log.info("%s done", step, extra={"step": step, "feed": feed_id, "state": "done", "told": told})


def _keep_failure(run_id: str, step: str, feed_id: str | None, error: BaseException, started: datetime) -> None:
    from lake import record_run

    message = str(error) if type(error).__module__.split(".")[0] in OURS else f"{type(error).__name__}: see the run log"
    try:
        record_run(run_id, feed_id.split("__")[0] if feed_id else step, step, feed_id, "failed", message, started)
    except Exception:
        # the lake itself may be what failed; the first error is the one to show
        log.exception("the failure of %s could not be written to ops.run", step)
