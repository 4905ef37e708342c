"""The facts that a report rests on, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

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
    """One feed on one local day; its measures are those of the day or the latest before it.

    `set_aside` are the day's records that were set aside, `waiting` those of them that are not mended yet, and
    `loaded` those in the lake, replayed ones included.
    """

    day: date
    arrival: Arrival
    arrived_at: datetime | None
    minutes_late: int | None
    received: int
    loaded: int
    set_aside: int
    waiting: int
    measures: dict[str, Measure]


@dataclass(frozen=True)
class Touched:
    """A sender's field that is gone or written another way, and a contract field that is made from it.

    `was` and `now` are how its values were and are written, as shapes; None where it is gone or nobody knows.
    """

    sender_field: str
    field: str
    was: str | None
    now: str | None


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
    touched: tuple[Touched, ...] = ()


@dataclass(frozen=True)
class Aside:
    """Records of a feed that were set aside for the same first reason and wait to be mended.

    `count` are those of the day, `open` all of them. `first_seen` is the day on which the oldest was first set aside:
    a snapshot sends the same record each day.
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
class View:
    """A mart that stands on departments' records, and whether it can be used, as the build judged it.

    `reason` says why, `about` are the feeds that it speaks of, the worst first, and `waiting_share` is the largest
    share of their records that waits to be mended. `title` is by language.
    """

    slug: str
    title: dict[str, str]
    use: str
    reason: str
    about: tuple[str, ...] = ()
    waiting_share: float | None = None
    feeds: tuple[str, ...] = ()
    last_good: date | None = None


@dataclass(frozen=True)
class Task:
    """An action of `ops.action`, open or closed in the last days, with what people said to it.

    `note` is what was last written to it, of an accepted one the reason; a day that people agreed on stands above the
    one that follows from the cause.
    """

    key: str
    cause: str
    feed: str | None
    department: str | None
    owner: str
    subject: str
    detail: str | None
    since: date
    due: date
    severity: str
    state: str
    closed_at: datetime | None = None
    assigned_to: str | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    accepted_at: datetime | None = None
    accepted_by: str | None = None
    note: str | None = None
    is_due_agreed: bool = False

    @property
    def is_live(self) -> bool:
        """Whether its cause is still there."""
        return self.state != "done"


@dataclass(frozen=True)
class RuleResult:
    """One rule on one field of a feed: since when it is checked, and what the newest judged delivery showed.

    `field` is None where the rule is about a delivery as a whole; `day` is that delivery's day.
    """

    rule: str
    field: str | None
    strength: str
    since: date
    day: date
    checked: int
    failed: int


@dataclass(frozen=True)
class LayoutDay:
    """A day on which a feed came in another layout than agreed: names of the sender's fields, never values."""

    day: date
    added: tuple[str, ...]
    removed: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    retyped: tuple[str, ...]
    is_refused: bool


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
class CatalogueColumn:
    """A column of a table: what it means by language, what it may hold, how personal it is, how many rows lack it.

    `type` is None of a field that never enters the lake, `blank` where nobody counted.
    """

    name: str
    type: str | None
    meaning: dict[str, str]
    allowed: tuple[str, ...]
    classification: str
    privacy: str | None
    blank: int | None


@dataclass(frozen=True)
class CatalogueTable:
    """A table of the lake as the build described it; `reads` are the tables it is made from, as `schema.name`.

    `rows` is None of what is not published; `tests` are rules, each with what it is about.
    """

    schema: str
    name: str
    question: str | None
    title: dict[str, str]
    meaning: dict[str, str]
    key: tuple[str, ...]
    reads: tuple[str, ...]
    tests: tuple[tuple[str, str], ...]
    rows: int | None
    columns: tuple[CatalogueColumn, ...] = ()

    @property
    def place(self) -> str:
        """Its name with its schema."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class Receipt:
    """The newest delivery of a feed on the day of the figures, and how many came that day."""

    feed: str
    delivery_id: str
    is_refused: bool
    contract_version: str
    fetched_at: datetime
    loaded_at: datetime
    sha256: str | None
    deliveries: int


@dataclass(frozen=True)
class Failure:
    """A step of the day that failed; what it said stays in the run log."""

    step: str
    feed: str | None
    started_at: datetime
    finished_at: datetime


@dataclass(frozen=True)
class Answer:
    """A query as it was asked of the published file, and its rows by column, in the city's time."""

    sql: str
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class SourceChange:
    """What was new in a delivery beside the one before it: its layout, the rules' version, or that it was refused.

    `version_before` is None where the rules stayed.
    """

    feed: str
    day: date
    added: tuple[str, ...]
    removed: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    version: str
    version_before: str | None
    is_newly_refused: bool

    @property
    def has_other_layout(self) -> bool:
        """Whether columns came, went or were renamed."""
        return bool(self.added or self.removed or self.renamed)

    @property
    def is_new(self) -> bool:
        """Whether anything was new at all."""
        return self.has_other_layout or self.version_before is not None or self.is_newly_refused


@dataclass(frozen=True)
class Facts:
    """All that one report rests on. Without a published file everything is empty and the instants are None.

    `lost` are the records of each feed that were set aside and never mended until their pages were past their time.
    `as_of` is what the quality figures were built for, `clock` what the newest build was for: they differ where
    that build did not come through and the older figures were kept. `missed_before` are, the newest first, the days in
    a row before the history on which a feed was due and did not come. `answers` are those of each declared city view
    whose marts are published, by question.
    """

    as_of: datetime | None = None
    clock: datetime | None = None
    history: dict[str, list[FeedDay]] = field(default_factory=dict)
    missed_before: dict[str, tuple[date, ...]] = field(default_factory=dict)
    deliveries: dict[str, LastDelivery] = field(default_factory=dict)
    asides: tuple[Aside, ...] = ()
    lost: dict[str, int] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    views: tuple[View, ...] = ()
    tasks: tuple[Task, ...] = ()
    area_names: dict[str, str] = field(default_factory=dict)
    sensors: Sensors = Sensors(0, ())
    builds: tuple[BuildRun, ...] = ()
    catalogue: tuple[CatalogueTable, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    failures: tuple[Failure, ...] = ()
    rules: dict[str, list[RuleResult]] = field(default_factory=dict)
    layouts: dict[str, list[LayoutDay]] = field(default_factory=dict)
    answers: dict[str, dict[str, Answer]] = field(default_factory=dict)
    source_changes: tuple[SourceChange, ...] = ()

    @property
    def day(self) -> date | None:
        """The city's day that the figures are of."""
        return self.as_of.date() if self.as_of else None
