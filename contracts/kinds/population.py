"""How many people live where."""

from __future__ import annotations

from contracts.fields import Record, field


class Population(Record):
    """One row for each district (or the whole city), year, age group and sex."""

    class Config:
        """What holds for the kind as a whole."""

        metadata = {"version": "1.0.0", "subject": None, "retention_years": 30, "standard": None}

    area_code: str = field("District", "Code of the district; city totals carry codes of their own.", key=True)
    year: int = field("Year", "Year of the estimate or census.", key=True, ge=1900, le=2100, unit="year")
    age_group: str = field("Age group", "Ages counted; total for all of them.", key=True)
    sex_group: str = field("Sex", "Sex counted.", key=True, allowed=["all", "female", "male"])
    population: int = field("Population", "People counted.", required=True, ge=0, unit="persons")
