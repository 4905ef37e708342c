"""Where passengers board (GTFS Schedule, stops.txt)."""

from __future__ import annotations

import polars as pl

from contracts.fields import Record, area, field, latitude, longitude
from contracts.rules import rule

PLACED = ["stop", "station", "entrance"]
"""Kinds of location that must have coordinates and a name, as the standard says."""


class TransitStop(Record):
    """One row for each stop, station, entrance or other location of a transit system."""

    class Config:
        """What holds for the kind as a whole."""

        metadata = {"version": "1.0.0", "subject": None, "retention_years": 10, "standard": "GTFS Schedule"}

    stop_id: str = field("Stop", "Number of the location in its feed.", key=True)
    stop_code: str = field("Stop code", "Short text or number by which passengers know it.")
    stop_name: str = field("Name", "Name of the location as passengers know it.")
    stop_desc: str = field("Description", "What the name does not say.")
    location_type: str = field(
        "Kind of location", "What passengers find there; 0 to 4 in the standard's file, blank means stop.",
        required=True, allowed=["stop", "station", "entrance", "node", "boarding_area"],
    )  # fmt: skip
    parent_station: str = field("Station", "The location that this one is part of.")
    platform_code: str = field("Platform", "Name of the platform, as G or 3.")
    zone_id: str = field("Fare zone", "Zone of the fare table.")
    wheelchair_boarding: str = field(
        "Wheelchair boarding", "Whether wheelchairs can board; 0 to 2 in the standard's file.",
        allowed=["unknown", "some", "none"],
    )  # fmt: skip
    stop_url: str = field("Page", "Web page about the location.")
    area_code: str = area()
    latitude: float = latitude()
    longitude: float = longitude()

    @rule(
        "stop_without_place",
        field="latitude",
        dimension="complete",
        en="A stop, station or entrance has no name or no coordinates",
        zh="站点、车站或出入口缺少名称或坐标",
    )
    def placed_locations_have_name_and_coordinates(cls) -> pl.Expr:
        """Stops, stations and entrances have a name and coordinates; other locations may do without."""
        whole = pl.all_horizontal(pl.col("stop_name", "latitude", "longitude").is_not_null())
        return ~pl.col("location_type").is_in(PLACED) | whole
