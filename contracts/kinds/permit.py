"""Leave to build, as the building department gave it (BLDS)."""

from __future__ import annotations

from datetime import date

import polars as pl

from contracts.fields import Instant, Record, area, field, latitude, longitude
from contracts.rules import rule


class Permit(Record):
    """One row for each permit that was applied for."""

    class Config:
        """What holds for the kind as a whole."""

        metadata = {
            "version": "1.0.0", "subject": "applicant", "retention_years": 30, "grows": True, "standard": "BLDS 1.2",
        }

    permit_id: str = field("Permit", "Number of the permit.", key=True)
    permit_type: str = field("Permit type", "What it allows.", required=True)
    status: str = field(
        "Status", "Where the application stands.", required=True,
        allowed=["applied", "issued", "completed", "withdrawn"],
    )  # fmt: skip
    applied_date: date = field("Applied", "Day of the application.", required=True, not_future=True)
    issued_date: date = field("Issued", "Day on which it was given.")
    completed_date: date = field("Completed", "Day on which the work was found complete.")
    estimated_cost_cents: int = field("Estimated cost", "What the applicant expects to pay.", ge=0, unit="cents")
    applicant_name: str = field("Applicant's name", classification="personal", privacy="pseudonym", domain="person")
    applicant_phone: str = field("Applicant's phone", classification="personal", privacy="drop")
    address: str = field("Address", "Where the work is.", classification="personal", privacy="drop")
    area_code: str = area()
    latitude: float = latitude(coarse=True)
    longitude: float = longitude(coarse=True)
    updated_at: Instant = field("Updated at", "When the department last changed the permit.", stamp=True)

    @rule(
        "issued_before_applied",
        field="issued_date",
        en="A permit was issued before it was applied for",
        zh="许可证的签发日期早于申请日期",
    )
    def issued_after_applied(cls) -> pl.Expr:
        """A permit is issued no earlier than it was applied for."""
        return pl.col("issued_date") >= pl.col("applied_date")
