"""What the task of the weekly digest does."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from airflow.exceptions import AirflowNotFoundException
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowSkipException

from cities import City, home, read_city
from dags.steps import _told
from dags.watching import SomeFailed


def send(instant: datetime, run_id: str, context: Any = None) -> dict[str, int]:
    """Send each steward's digest of the week of an instant; who has it already gets it no more.

    A mail that cannot be sent does not keep the others: SomeFailed is raised at the end. Where Airflow has no
    connection for mail, or no report was made, the run is skipped.
    """
    from reports.digest import digests
    from reports.site import read_published

    city, report = read_city(), read_published(home() / "site")
    if report is None or not _has_mail(city):
        raise AirflowSkipException(f"no report yet, or no connection {city.alerts.smtp!r}: nothing can be sent")
    day = instant.astimezone(city.zone).date()
    with _told("digest", None, run_id) as told:
        sent, failed = _send_all(city, day - timedelta(days=day.weekday()), list(digests(report)), context)
        if failed:
            raise SomeFailed(f"not sent: {failed} of the digests ({sent} sent); run it again, no other is sent twice")
        told["said"] = f"{sent} sent"
        return {"sent": sent}


def _send_all(city: City, week: Any, waiting: list[Any], context: Any) -> tuple[int, int]:
    """Return how many were sent and how many could not be."""
    from dags.notifiers import digest_notifier
    from lake.digests import digests_sent, mark_digest_sent

    have, sent, failed = digests_sent(week), 0, 0
    for one in waiting:
        if one.steward in have:
            continue
        try:
            digest_notifier(one, week, city).notify(context or {})
        except Exception:
            # its text repeats the address and what the other side said
            failed += 1
        else:
            mark_digest_sent(week, one.steward)
            sent += 1
    return sent, failed


def _has_mail(city: City) -> bool:
    try:
        Connection.get(city.alerts.smtp)
    except AirflowNotFoundException:
        return False
    return True
