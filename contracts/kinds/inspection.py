"""What inspectors found."""

from __future__ import annotations

from datetime import date

from contracts.fields import Record, area, field, latitude, longitude


class Inspection(Record):
    """One row for each inspection of an establishment."""

    class Config:
        """What holds for the kind as a whole."""

        metadata = {"version": "1.0.0", "subject": None, "retention_years": 10, "grows": True, "standard": None}

    inspection_id: str = field("Inspection", "Number of the inspection.", key=True)
    inspection_date: date = field("Inspected", "Day of the inspection.", required=True, not_future=True)
    inspection_type: str = field("Inspection type", "Why it was inspected.")
    result: str = field(
        "Result", "How it ended.", required=True, allowed=["pass", "pass_with_conditions", "fail", "other"]
    )
    establishment_id: str = field("Establishment", "Licence number of the establishment.")
    establishment_name: str = field("Establishment's name", "The name it does business under.")
    facility_type: str = field("Facility type", "What kind of establishment it is.")
    risk: str = field("Risk", "The department's class of risk.")
    address: str = field("Address", "Business address of the establishment.")
    area_code: str = area()
    latitude: float = latitude()
    longitude: float = longitude()
