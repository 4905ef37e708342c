"""The state of each declared feed this morning: one that the figures do not know is missing, never well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import takewhile
from statistics import median
from typing import Any

from cities import City, Department, Feed
from reports.facts import DIMENSIONS, Facts, FeedDay, LastDelivery, Measure
from reports.score import feed_score, rounded
from reports.words import Words, say, title

STRIP_DAYS = 14
STOPPED_AFTER = 7
USUAL_DAYS = 28


@dataclass(frozen=True)
class FeedState:
    """One feed: what was declared of it, its days up to the figures' day, and its newest delivery.

    `missed_before` are, the newest first, the days in a row before those on which it was due and did not come.
    """

    id: str
    feed: Feed
    department: Department
    day: date | None
    days: tuple[FeedDay, ...]
    delivery: LastDelivery | None
    missed_before: tuple[date, ...] = ()

    @property
    def name(self) -> Words:
        """Its title."""
        return title(self.feed.title)

    @cached_property
    def by_day(self) -> dict[date, FeedDay]:
        """Its days by date."""
        return {found.day: found for found in self.days}

    @property
    def today(self) -> FeedDay | None:
        """Its row of the figures' day."""
        return self.by_day.get(self.day) if self.day else None

    @cached_property
    def due_days(self) -> tuple[FeedDay, ...]:
        """Its days on which it was due, the newest first."""
        return tuple(found for found in reversed(self.days) if found.arrival != "not_due")

    @property
    def missing_days(self) -> tuple[date, ...]:
        """The days in a row, the newest first, on which it was due and did not come."""
        missed = tuple(found.day for found in takewhile(lambda due: due.arrival == "missing", self.due_days))
        return missed if len(missed) < len(self.due_days) else missed + self.missed_before

    @property
    def is_missing(self) -> bool:
        """Whether it did not come when it was last due, or nothing is known of it."""
        return not self.days or bool(self.missing_days)

    @property
    def is_refused(self) -> bool:
        """Whether its newest delivery was not taken in."""
        return bool(self.delivery and self.delivery.is_refused)

    @property
    def is_out(self) -> bool:
        """Whether what it should have brought is not in the figures."""
        return self.is_missing or self.is_refused

    @property
    def is_late(self) -> bool:
        """Whether it came late on the figures' day."""
        return self.arrival == "late"

    @property
    def arrival(self) -> str:
        """on_time, late, missing, not_due, or stopped where it has missed a week of due days in a row."""
        if self.is_missing and len(self.missing_days) >= STOPPED_AFTER:
            return "stopped"
        return self.today.arrival if self.today else "missing"

    @property
    def last_arrived(self) -> date | None:
        """The last day on which a delivery came."""
        came = next((found.day for found in reversed(self.days) if found.arrived_at), None)
        return came or (self.delivery.day if self.delivery else None)

    @property
    def has_ever_arrived(self) -> bool:
        """Whether any delivery is known."""
        return self.last_arrived is not None

    @property
    def set_aside_share(self) -> float:
        """The share of the day's records that is set aside, 0-1."""
        return self.today.waiting / self.today.received if self.today and self.today.received else 0.0

    def measures_on(self, day: date) -> dict[str, Measure]:
        """Return its dimensions as measured on a day or last before it."""
        known = self.by_day.get(day)
        return known.measures if known else {}

    def strip(self) -> list[str]:
        """Return its arrivals of the last 14 days, the oldest first; a day before it was known is not due."""
        if not self.day:
            return []
        wanted = [self.day - timedelta(days=back) for back in reversed(range(STRIP_DAYS))]
        return [self.by_day[day].arrival if day in self.by_day else "not_due" for day in wanted]

    def volume_change(self) -> int | None:
        """Return how many percent more (or, below 0, fewer) records came than on the median day of four weeks."""
        return change_of_volume(self.days) if self.today else None

    @cached_property
    def earlier_volumes(self) -> list[int]:
        """The records of each delivery of the four weeks before today; none where they are too few to be usual."""
        return usual_volumes(self.days)


def usual_volumes(days: Sequence[FeedDay]) -> list[int]:
    """Return the records of each delivery of the four weeks before the last of some days in a row.

    There are none where they are too few to be usual.
    """
    earlier = [found.received for found in days[-USUAL_DAYS - 1 : -1] if found.received]
    return earlier if len(earlier) >= STOPPED_AFTER else []


def change_of_volume(days: Sequence[FeedDay]) -> int | None:
    """Return the same of the last of some days in a row; None where nothing came or too little came before."""
    received, earlier = days[-1].received, usual_volumes(days)
    usual = median(earlier) if earlier else 0
    return round(100 * (received / usual - 1)) if received and usual else None


def read_states(city: City, facts: Facts) -> list[FeedState]:
    """Return every feed that the city declares, with what the facts know of it."""
    return [
        FeedState(
            id=feed_id,
            feed=feed,
            department=city.department_of(feed_id),
            day=facts.day,
            days=tuple(facts.history.get(feed_id, ())),
            delivery=facts.deliveries.get(feed_id),
            missed_before=facts.missed_before.get(feed_id, ()),
        )
        for feed_id, feed in city.feeds.items()
    ]


def feed_entry(state: FeedState, used_by: list[str], time_zone: str) -> dict[str, Any]:
    """Return the feed's entry of report.json."""
    today = state.today
    return {
        "slug": state.id,
        "department": state.department.id,
        "name": state.name,
        "due": {
            "words": say("arrival.due", time=state.feed.due),
            "time": state.feed.due,
            "cron": state.feed.schedule or state.department.schedule,
            "time_zone": time_zone,
        },
        "matters": state.feed.matters,
        "critical": state.feed.critical,
        "arrived_at": today.arrived_at.isoformat() if today and today.arrived_at else None,
        "arrival": state.arrival,
        "minutes_late": today.minutes_late if today else None,
        "records_in": today.received if today else 0,
        "records_loaded": today.loaded if today else 0,
        "records_set_aside": today.waiting if today else 0,
        "volume_vs_usual_pct": state.volume_change(),
        "arrivals_14d": state.strip(),
        "contract_version": state.delivery.contract_version if state.delivery else None,
        "refused_since": _refused_since(state),
        "layout_change": _layout_change(state.delivery) if state.delivery else None,
        "used_by": used_by,
        "score": rounded(feed_score(today.measures)) if today else None,
        "dims": {name: _counted(today.measures.get(name) if today else None) for name in DIMENSIONS},
    }


def _refused_since(state: FeedState) -> str | None:
    refused = state.delivery.refused_since if state.delivery and state.is_refused else None
    return refused.isoformat() if refused else None


def _counted(measure: Measure | None) -> dict[str, Any] | None:
    return {**vars(measure), "as_of": measure.as_of.isoformat()} if measure else None


def _layout_change(delivery: LastDelivery) -> dict[str, Any] | None:
    change: dict[str, Any] = {
        "added": list(delivery.added),
        "removed": list(delivery.removed),
        "renamed": [list(pair) for pair in delivery.renamed],
        "retyped": list(delivery.retyped),
    }
    touches = [vars(touched) for touched in delivery.touched]
    return {**change, "touches": touches, "is_refused": delivery.is_refused} if any(change.values()) else None
