"""Where the city's lamp posts stand."""

from __future__ import annotations

from datetime import date

from contracts.fields import Record, area, field, latitude, longitude


class LampPost(Record):
    """One row for each lamp post of the city."""

    class Config:
        """What holds for the kind as a whole."""

        metadata = {
            "version": "1.0.0",
            "subject": None,
            "retention_years": 30,
            "standard": "Smart Data Models Streetlight",
        }

    lamp_post_id: str = field("Lamp post", "Number on the post.", key=True)
    name: str = field("Name", "What the department calls it.")
    lamp_kind: str = field("Kind of lamp")
    height_metres: float = field("Height", "Height of the post.", ge=0, le=60, unit="metres")
    installed_date: date = field("Installed", "Day on which it was set up.")
    is_base_station: bool = field("Is a base station", "It carries sensors and sends their readings.", required=True)
    area_code: str = area()
    latitude: float = latitude(required=True)
    longitude: float = longitude(required=True)
