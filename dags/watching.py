"""What each task of the monitoring does. Heavy libraries are imported inside, as in `dags.steps`."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import datetime
from threading import Thread
from time import monotonic
from typing import Any

from airflow.sdk.exceptions import AirflowFailException

from cities import now, read_city
from dags import steps
from dags.steps import _told

log = logging.getLogger("civiclake.steps")

BY_CURSOR = {"start": None, "end": None, "full_refresh": False}
FETCH_SECONDS = 120
"""A source that takes longer is left to the next cycle, so that it does not keep the others waiting."""


class SomeFailed(AirflowFailException):
    """Part of a cycle did not come through; the message names it, the rest went on, and the next cycle tries again."""


def collect(instant: datetime, run_id: str) -> dict[str, int]:
    """Read what is new of every watched feed into the lake; one that fails does not stop the others.

    Raises SomeFailed at the end where any did.
    """
    from lake import claim
    from lake.emergency import mend_switch
    from lake.watch import record_cycle

    city, started_at = read_city(), now()
    claim(city)
    mend_switch()
    fetched = _fetch_all(city.watched, instant, run_id)
    failed = [feed_id for feed_id in city.watched if not _take_in(feed_id, fetched.get(feed_id), run_id)]
    record_cycle(city, instant, run_id, started_at, len(failed))
    if failed:
        raise SomeFailed(f"not read in this cycle: {', '.join(failed)}")
    return {"feeds": len(fetched)}


def _fetch_all(feed_ids: list[str], instant: datetime, run_id: str) -> dict[str, str]:
    """Ask all sources at once and return the place of each answer; where nothing changed it is blank."""
    answers: dict[str, str] = {}

    def ask(feed_id: str) -> None:
        try:
            answers[feed_id] = _fetch(feed_id, instant, run_id)
        except Exception as error:
            log.warning("%s could not be fetched: %s", feed_id, type(error).__name__)

    # a thread that hangs must not keep the process from ending
    threads = [Thread(target=ask, args=(feed_id,), daemon=True) for feed_id in feed_ids]
    for thread in threads:
        thread.start()
    until = monotonic() + FETCH_SECONDS
    for thread in threads:
        thread.join(max(0.0, until - monotonic()))
    return dict(answers)


def _fetch(feed_id: str, instant: datetime, run_id: str) -> str:
    feed = read_city(only=feed_id.split("__")[0]).feeds[feed_id]
    if feed.tells_changes and not steps.ask_feeds([feed_id], instant, run_id, BY_CURSOR):
        return ""
    return steps.fetch_feed(feed_id, instant, run_id, BY_CURSOR)


def _take_in(feed_id: str, place: str | None, run_id: str) -> bool:
    """Check and load what was fetched of a feed; return whether that came through. Why not is told in `ops.run`."""
    if not place:
        return place is not None
    try:
        steps.load_feed(feed_id, steps.check_feed(feed_id, place, run_id), run_id)
    except Exception as error:
        log.warning("%s was fetched and could not be taken in: %s", feed_id, type(error).__name__)
        return False
    return True


def detect(instant: datetime, run_id: str) -> dict[str, Any]:
    """Build what the alert rules stand on as of an instant, and bring the alerts in line with them."""
    from dags.dbt_build import DbtFailed, run_selected
    from lake import sync_city
    from lake.alerts import reconcile
    from lake.watch import as_of, has_clock

    city = read_city()
    with _told("detect", None, run_id) as told:
        if not has_clock():
            sync_city(city, instant)
        with as_of(instant):
            result = run_selected("watch")
            if result.failed:
                raise DbtFailed("the alert rules could not be asked: " + "; ".join(result.failed))
            done = reconcile(city, instant, now())
        told["said"] = _in_words(done)
        return asdict(done)


def send(run_id: str, context: Any = None) -> dict[str, int]:
    """Send every message that waits; one that cannot be sent does not keep the others.

    Raises SomeFailed at the end where any could not.
    """
    from dags.notifiers import NotSent, notifier_of
    from lake.outbox import mark_failed, mark_sent, waiting

    city = read_city()
    with _told("send", None, run_id) as told:
        sent, failed = 0, []
        for one in waiting():
            try:
                notifier_of(one.channel, one.recipient, one.content, city).notify(context or {})
            except Exception as error:
                problem = str(error) if isinstance(error, NotSent) else type(error).__name__
                mark_failed(one, problem)
                failed.append(f"{one.message_id} by {one.channel} ({problem})")
            else:
                mark_sent(one)
                sent += 1
        if failed:
            raise SomeFailed(f"not sent, and tried again in the next cycle: {'; '.join(failed)}")
        told["said"] = f"{sent} sent"
        return {"sent": sent}


def _in_words(done: Any) -> str:
    if done.is_overtaken:
        return "a later cycle was here before: nothing changes"
    counted = [f"{getattr(done, name)} {name}" for name in ("raised", "standing", "ended", "escalated", "folded")]
    return ", ".join(counted)
