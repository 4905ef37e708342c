"""The facts that a report rests on, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Arrival = Literal["on_time", "late", "missing", "not_due"]
DIMENSIONS = ("complete", "unique", "consistent", "on_time", "valid", "accurate")


class ReportError(RuntimeError):
    """A report cannot be made; the message says what is missing, where, and what to do."""


@dataclass(frozen=True)
class Measure:
    """One dimension of one feed as it was last measured: passed of checked, and the day of it."""

    passed: int
    checked: int
    as_of: date


@dataclass(frozen=True)
class FeedDay:
    """One feed on one local day; its measures are those of the day or the latest before it."""

    day: date
    arrival: Arrival
    arrived_at: datetime | None
    minutes_late: int | None
    received: int
    loaded: int
    set_aside: int
    measures: dict[str, Measure]


@dataclass(frozen=True)
class LastDelivery:
    """The newest delivery of a feed, and since which day none has been accepted."""

    day: date
    contract_version: str
    is_refused: bool
    refused_since: date | None
    refused_because: str | None
    added: tuple[str, ...]
    removed: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    retyped: tuple[str, ...]


@dataclass(frozen=True)
class Aside:
    """Records of a feed that were set aside for the same first reason.

    `count` are those of the day, `open` those of the feed's newest accepted delivery or later that are not mended:
    until a delivery comes that could have mended them they stay open, also on days that bring none. `first_seen` is
    the day on which the oldest of the open ones was first set aside: a snapshot sends the same record each day.
    """

    feed: str
    rule: str
    field: str | None
    sender_field: str | None
    dimension: str | None
    count: int
    open: int
    first_seen: date
    example: str | None


@dataclass(frozen=True)
class Table:
    """A published mart: what instant it was built for, its newest day with figures, and the areas that it has rows of.

    `areas` is None where the mart knows no areas.
    """

    built_for: datetime
    latest: date | None
    areas: frozenset[str] | None


@dataclass(frozen=True)
class Sensors:
    """The areas that have lamp posts, and those of them without a sensor reading in the newest measured month."""

    areas: int
    silent: tuple[str, ...]


@dataclass(frozen=True)
class BuildRun:
    """One finished build."""

    run_id: str
    state: str
    started_at: datetime
    finished_at: datetime


@dataclass(frozen=True)
class Facts:
    """All that one report rests on. Without a published file everything is empty and the instants are None.

    `as_of` is what the quality figures were built for, `clock` what the newest build was for: they differ where
    that build did not come through and the older figures were kept.
    """

    as_of: datetime | None = None
    clock: datetime | None = None
    history: dict[str, list[FeedDay]] = field(default_factory=dict)
    deliveries: dict[str, LastDelivery] = field(default_factory=dict)
    asides: tuple[Aside, ...] = ()
    tables: dict[str, Table] = field(default_factory=dict)
    area_names: dict[str, str] = field(default_factory=dict)
    sensors: Sensors = Sensors(0, ())
    builds: tuple[BuildRun, ...] = ()

    @property
    def day(self) -> date | None:
        """The city's day that the figures are of."""
        return self.as_of.date() if self.as_of else None
