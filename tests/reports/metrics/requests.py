"""Published requests, invented: told by when they were made, due and closed, and classified as the model does it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import polars

FIRST = datetime(2026, 11, 1, 8)
AS_OF = datetime(2026, 11, 23, 12)
INSTANT = 10
COLUMNS = {
    "area_code": polars.String, "department": polars.String, "counting_class": polars.String,
    "has_target": polars.Boolean, "is_due": polars.Boolean, "is_closed_on_time": polars.Boolean,
    "due_date": polars.Date, "closed_date": polars.Date, "minutes_to_close": polars.Int64, "is_instant": polars.Boolean,
    "reopened_count": polars.Int64,
}  # fmt: skip


@dataclass(frozen=True)
class Request:
    """One request, its times in hours after FIRST; one that is not due or not closed has none."""

    made: float = 0
    due: float | None = None
    closed: float | None = None
    counting_class: str = "counted"
    area: str = "1"
    department: str = "streets"
    reopened: int = 0

    @property
    def is_due(self) -> bool:
        return self.due is not None and at(self.due) <= AS_OF

    @property
    def is_on_time(self) -> bool:
        return self.due is not None and self.closed is not None and self.closed <= self.due

    @property
    def minutes(self) -> int | None:
        return None if self.closed is None else int((self.closed - self.made) * 60)

    @property
    def row(self) -> tuple[object, ...]:
        """The columns of the mart, as a row."""
        both = self.due is not None and self.closed is not None
        return (
            self.area, self.department, self.counting_class, self.due is not None, self.is_due,
            self.is_on_time if both else None, day(self.due), day(self.closed), self.minutes,
            self.minutes is not None and self.minutes < INSTANT, self.reopened,
        )  # fmt: skip


def at(hours: float) -> datetime:
    """Return the instant so many hours after the first."""
    return FIRST + timedelta(hours=hours)


def day(hours: float | None) -> date | None:
    """Return its day."""
    return None if hours is None else at(hours).date()


def publish(place: Path, requests: Iterable[Request]) -> Path:
    """Write a published file that holds these requests."""
    file = place / "city.duckdb"
    with duckdb.connect(str(file)) as connection:
        frame = polars.DataFrame([request.row for request in requests], schema=COLUMNS, orient="row")
        connection.register("frame", frame)
        connection.execute("CREATE SCHEMA marts; CREATE TABLE marts.service_requests AS FROM frame")
    return file
