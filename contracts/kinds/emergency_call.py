"""How fire and ambulance units answered emergency calls."""

from __future__ import annotations

import polars as pl

from contracts.fields import Instant, Record, area, field, latitude, longitude
from contracts.rules import rule


class EmergencyCall(Record):
    """One row for each unit that was sent to an emergency; an incident has as many rows as units."""

    class Config:
        """What holds for the kind as a whole."""

        metadata = {"version": "1.0.0", "subject": "caller", "retention_years": 5, "grows": True, "standard": None}

    call_id: str = field("Incident", "Number of the incident that the call opened.", key=True)
    unit_id: str = field("Unit", "The unit that was sent.", key=True)
    received_at: Instant = field("Received at", "When the call was received.", required=True, not_future=True)
    dispatched_at: Instant = field("Dispatched at", "When the unit was sent.")
    en_route_at: Instant = field("En route at", "When the unit left.")
    on_scene_at: Instant = field("On scene at", "When the unit arrived.")
    cleared_at: Instant = field("Cleared at", "When the unit was free again.")
    updated_at: Instant = field("Updated at", "When the record was last changed.", stamp=True)
    call_type: str = field("Call type", required=True, allowed=["fire", "medical", "rescue", "alarm", "other"])
    priority: int = field("Priority", "From 1, the most urgent, to 5.", ge=1, le=5)
    area_code: str = area()
    latitude: float = latitude(coarse=True)
    longitude: float = longitude(coarse=True)
    caller_phone: str = field("Caller's phone", classification="personal", privacy="pseudonym", domain="person")

    @rule(
        "on_scene_before_received",
        field="on_scene_at",
        en="A unit arrived before the call was received",
        zh="到达现场时间早于接警时间",
    )
    def arrives_after_call(cls) -> pl.Expr:
        """A unit arrives no earlier than the call."""
        return pl.col("on_scene_at") >= pl.col("received_at")

    @rule(
        "dispatched_before_received",
        field="dispatched_at",
        en="A unit was sent before the call was received",
        zh="派车时间早于接警时间",
    )
    def sent_after_call(cls) -> pl.Expr:
        """A unit is sent no earlier than the call."""
        return pl.col("dispatched_at") >= pl.col("received_at")
