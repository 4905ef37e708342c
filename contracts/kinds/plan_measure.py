"""How far the city has come with its plan."""

from __future__ import annotations

from datetime import date

from contracts.fields import Record, field


class PlanMeasure(Record):
    """One row for each measure of the city plan and month."""

    class Config:
        """What holds for the kind as a whole."""

        metadata = {"version": "1.0.0", "subject": None, "retention_years": 30, "standard": None}

    measure_id: str = field("Measure", "Number of the measure in the plan.", key=True)
    period_date: date = field("Period", "First day of the month measured.", key=True)
    value: float = field("Value", "What was measured, in the measure's own unit.", required=True)
    reported_date: date = field("Reported", "Day on which the value was reported.", stamp=True, not_future=True)
