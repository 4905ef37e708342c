"""What residents think of how the city dealt with their requests: answers of a survey (Open311 extension)."""

from __future__ import annotations

from datetime import date

import polars as pl

from contracts.fields import Record, field
from contracts.rules import rule


class ServiceRating(Record):
    """One row for each answer to a survey about a service request; it says the month, never the day or the person."""

    class Config:
        """What holds for the kind as a whole."""

        metadata = {"version": "1.0.0", "subject": None, "retention_years": 10, "grows": True, "standard": None}

    rating_id: str = field("Rating", "The survey's number of the answer.", key=True)
    request_id: str = field(
        "Request", "The request that was rated, where the survey keeps it.", classification="internal"
    )
    service_code: str = field("Service code", "The department's code of the service rated.", required=True)
    month: date = field(
        "Month", "First day of the month in which the request was closed.", required=True, not_future=True
    )
    satisfaction: int = field("Satisfaction", "From 1, not at all, to 5, fully.", required=True, ge=1, le=5)
    reason_code: str = field(
        "Reason", "What mattered most.", allowed=["slow", "not_fixed", "no_answer", "rude", "good_work", "other"]
    )

    @rule("month_with_day", field="month", en="A month is written as its first day", zh="月份应写为当月第一天")
    def month_begins(cls) -> pl.Expr:
        """A month stands as its first day, so that it tells no day."""
        return pl.col("month").dt.day() == 1
