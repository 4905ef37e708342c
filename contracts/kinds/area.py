"""The districts of the city."""

from __future__ import annotations

from contracts.fields import Record, field


class Area(Record):
    """One row for each district of the city."""

    class Config:
        """What holds for the kind as a whole."""

        metadata = {"version": "1.0.0", "subject": None, "retention_years": 30, "standard": "GeoJSON (RFC 7946)"}

    area_code: str = field("District", "Code of the district.", key=True)
    area_name: str = field("Name", "Name of the district in English.", required=True)
    area_name_zh: str = field("Chinese name", "Name of the district in Chinese.")
    geometry: str = field("Boundary", "GeoJSON geometry in WGS 84.", required=True)
