"""What each task does. Heavy libraries are imported inside, so that reading the DAG file stays cheap."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cities import City, home, now, read_city
from cities.disk import DiskFull, full_disk

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
    from extractors import fetch
    from lake import claim, cursor_of, find_delivery

    city = _city_of(feed_id)
    with _told("fetch", feed_id, run_id) as told:
        asked = _asked(window)
        # a back-fill of a day is another delivery than what that day brought by cursor
        delivery_id = delivery_id_of(instant) + ("-backfill" if asked else "")
        claim(city)
        if (known := find_delivery(feed_id, delivery_id)) is not None:
            told["said"] = "loaded before"
            return str(known)
        cursor = None if asked or window["full_refresh"] else cursor_of(feed_id)
        feed = city.feeds[feed_id]
        place = fetch(
            feed_id, feed, delivery_id, cursor=cursor, window=asked, time_zone=city.time_zone,
            is_taken_in=lambda earlier: find_delivery(feed_id, earlier.name) is not None,
        )  # fmt: skip
        return str(place)


def ask_feeds(feed_ids: list[str], instant: datetime, run_id: str, window: dict[str, Any]) -> list[str]:
    """Ask sources whether anything changed since their last accepted answer; return the feeds that are to go on.

    What changed is kept by the way, and its feed's own fetch finds it. A source that cannot be asked goes on too, so
    that its fetch fails under its own name.
    """
    from lake import claim, load_unchanged

    if not feed_ids:
        return []
    city = _city_of(feed_ids[0])
    claim(city)
    if _asked(window) or window["full_refresh"]:
        return feed_ids
    unchanged = {feed_id: place for feed_id in feed_ids if (place := _unchanged(city, feed_id, instant, run_id))}
    load_unchanged(list(unchanged.values()), run_id=run_id)
    return [feed_id for feed_id in feed_ids if feed_id not in unchanged]


def _unchanged(city: City, feed_id: str, instant: datetime, run_id: str) -> Path | None:
    """Ask one source, and return the place of its answer where it says that nothing changed."""
    from extractors import Delivery, delivery_place, fetch
    from lake import find_delivery, validator_of

    feed, delivery_id = city.feeds[feed_id], delivery_id_of(instant)
    validator = validator_of(feed_id, city)
    # of a run that was killed in between the answer is kept, and counts
    is_kept = delivery_place(feed_id, delivery_id).exists()
    if find_delivery(feed_id, delivery_id) or (validator is None and not is_kept):
        return None
    try:
        place = fetch(feed_id, feed, delivery_id, cursor=None, validator=validator, time_zone=city.time_zone)
    except Exception as error:
        # one source must not keep the others waiting: its own fetch fails under its name
        log.warning("%s could not be asked whether it changed: %s", feed_id, type(error).__name__)
        return None
    if not Delivery.read(place).receipt.not_modified:
        return None
    with _told("fetch", feed_id, run_id) as told:
        told["said"] = "nothing changed at the source"
    return place


def check_feed(feed_id: str, place: str, run_id: str) -> str:
    """Judge a delivery by its contract and return its place."""
    from contracts import check
    from lake import find_delivery

    city = _city_of(feed_id)
    with _told("check", feed_id, run_id) as told:
        if find_delivery(feed_id, Path(place).name) is not None:
            told["said"] = "loaded before"
            return place
        verdict = check(Path(place), feed_id, city.feeds[feed_id], city)
        told["said"] = f"{verdict.verdict}: {verdict.accepted:,} of {verdict.received:,}"
        return place


def load_feed(feed_id: str, place: str, run_id: str) -> dict[str, Any]:
    """Load a checked delivery; a refused one is written into the ledger and then fails the task."""
    from lake import load

    city = _city_of(feed_id)
    with _told("load", feed_id, run_id) as told:
        loaded = load(Path(place), feed_id, city.feeds[feed_id], run_id=run_id)
        told.update(asdict(loaded))
        if loaded.verdict == "refused":
            raise Hopeless(f"{feed_id}: the delivery was refused; `civiclake status {feed_id}` shows why")
        return asdict(loaded)


def find_replays(asked: dict[str, Any], run_id: str) -> list[list[str]]:
    """Keep the replays that are asked for, and return the feed and the place of each.

    `asked` holds feeds (all when empty), delivery, accept and note as `lake.replay` has them, and who asked.
    """
    from getpass import getuser

    from lake import claim
    from lake.replay import plan, waive

    city = read_city()
    with _told("find", None, run_id) as told:
        claim(city)
        planned = plan(city, asked["feeds"] or list(city.feeds), asked["delivery"], asked["accept"])
        waived = waive(asked["accept"], asked["note"], asked["who"] or getuser())
        kept = [[replay.of.feed, str(replay.keep(city, waived))] for replay in planned.replays]
        records = sum(replay.of.count for replay in planned.replays)
        told["said"] = f"{records:,} set aside, in {len(kept)} {'delivery' if len(kept) == 1 else 'deliveries'}"
        return kept


def build(instant: datetime, run_id: str, full_refresh: bool = False) -> dict[str, Any]:
    """Run dbt over the lake and publish every mart that came through; the others keep their last good edition."""
    from dags.dbt_build import DbtFailed, run_dbt
    from lake import follow_actions, publish, record_run, sync_city, writer_lock

    started = now()
    with _told("build", None, run_id) as told:
        sync_city(read_city(), instant)
        with writer_lock():
            result = run_dbt(full_refresh)
            if result.wants_actions:
                follow_actions()
            publish(result.fresh_marts, keep=result.failed_marts, told=result.tables)
        told.update(models=result.models, tests=result.tests, marts=len(result.fresh_marts))
        if result.failed:
            raise DbtFailed("these did not come through: " + "; ".join(result.failed))
        record_run(run_id, "build", "build", None, "success", "", started)
        return dict(told)


def report(instant: datetime, run_id: str, trigger: str) -> str:
    """Write the morning report from the published file and return its first page."""
    from importlib.metadata import version

    from lake import last_build, publish_answers, published_file
    from reports import RunFacts
    from reports import report as write

    city: City = read_city()
    with _told("report", None, run_id) as told:
        publish_answers()
        build_state = last_build(instant)
        facts = RunFacts(
            run_id=delivery_id_of(instant),
            logical_at=instant,
            started_at=build_state.started_at,
            finished_at=build_state.finished_at,
            trigger="manual" if trigger == "manual" else "schedule",
            code_version=version("civiclake"),
            status=build_state.status,
            address=_address_of(build_state.run_id),
        )
        place = write(published_file(), city, facts, home() / "site")
        told["said"] = str(place)
        return str(place)


def _address_of(run_id: str | None) -> str | None:
    """Return where Airflow shows a run of the build; None where it is not known under which address Airflow answers."""
    base = os.environ.get("AIRFLOW__API__BASE_URL")
    return f"{base.rstrip('/')}/dags/build/runs/{quote(run_id)}" if base and run_id else None


def maintain() -> None:
    """Merge small files, expire old snapshots, remove deliveries past their time."""
    from lake.maintenance import maintain as tidy

    with _told("maintain", None, "maintain"):
        tidy(read_city().delivery_days)


def _city_of(feed_id: str) -> City:
    """Read the city as far as a feed needs it: a hundred departments' files take longer than most of their tasks."""
    return read_city(only=feed_id.split("__")[0])


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
    """Tell that a step began and how it ended; a failure is also written to `ops.run`, and ends the task for good
    where trying again cannot help."""
    started = now()
    told: dict[str, Any] = {}
    log.info("%s begins", step, extra={"step": step, "feed": feed_id, "state": "begins"})
    try:
        yield told
    except BaseException as failure:
        error = failure if _is_ours(failure) or not (full := full_disk(failure)) else DiskFull(full)
        log.error("%s failed: %s", step, error, extra={"step": step, "feed": feed_id, "state": "failed", "told": told})
        _keep_failure(run_id, step, feed_id, error, started)
        if _is_hopeless(error):
            from airflow.sdk.exceptions import AirflowFailException

            raise AirflowFailException(str(error)) from None
        if error is not failure:
            raise error from failure
        raise
    log.info("%s done", step, extra={"step": step, "feed": feed_id, "state": "done", "told": told})


def _is_hopeless(error: BaseException) -> bool:
    """Return whether trying again cannot help, so that Airflow is told not to."""
    from contracts import ContractError
    from extractors import DamagedDelivery, FetchError
    from lake import LoadError, OtherCity, ReplayError

    if isinstance(error, FetchError):
        return not error.temporary
    return isinstance(error, (Hopeless, ContractError, DamagedDelivery, LoadError, OtherCity, ReplayError))


def _is_ours(error: BaseException) -> bool:
    return type(error).__module__.split(".")[0] in OURS


def _keep_failure(run_id: str, step: str, feed_id: str | None, error: BaseException, started: datetime) -> None:
    from lake import record_run

    message = str(error) if _is_ours(error) else f"{type(error).__name__}: see the run log"
    try:
        record_run(run_id, feed_id.split("__")[0] if feed_id else step, step, feed_id, "failed", message, started)
    except Exception:
        # the lake itself may be what failed; the first error is the one to show
        log.exception("the failure of %s could not be written to ops.run", step)
