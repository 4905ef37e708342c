"""What the police recorded."""

from __future__ import annotations

import polars as pl

from contracts.fields import Instant, Record, area, field, latitude, longitude
from contracts.rules import rule


class Incident(Record):
    """One row for each incident that the police recorded."""

    class Config:
        """What holds for the kind as a whole."""

        metadata = {"version": "1.0.0", "subject": None, "retention_years": 10, "grows": True, "standard": None}

    incident_id: str = field("Incident", "The police's own id of the incident.", key=True)
    case_number: str = field("Case number", "Number of the case file; one case may hold several incidents.")
    occurred_at: Instant = field("Occurred at", "When it happened, as far as known.", required=True, not_future=True)
    reported_at: Instant = field("Reported at", "When the police were told.")
    updated_at: Instant = field("Updated at", "When the police last changed the record.", stamp=True)
    category_code: str = field("Category code", "Code of the offence; leading zeros matter.")
    category: str = field("Category", "The offence in words.", required=True)
    description: str = field("Description", "The offence more closely, from a fixed list.")
    location_kind: str = field("Kind of place", "What kind of place it happened at.")
    block: str = field("Block", "The block of the street, house numbers already hidden by the police.")
    is_arrest: bool = field("Arrest made", "Somebody was arrested.")
    is_domestic: bool = field("Domestic", "It was domestic violence.")
    area_code: str = area()
    latitude: float = latitude()
    longitude: float = longitude()

    @rule(
        "updated_before_occurred",
        field="updated_at",
        strength="warn",
        en="A record was last changed before the incident happened",
        zh="记录的最后修改时间早于事件发生时间",
    )
    def updated_after_occurred(cls) -> pl.Expr:
        """A record is changed no earlier than its incident happened."""
        return pl.col("updated_at") >= pl.col("occurred_at")
