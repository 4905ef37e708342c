"""What the council allowed to be spent."""

from __future__ import annotations

from contracts.fields import Instant, Record, field


class BudgetLine(Record):
    """One row for each line of the budget of a fiscal year."""

    class Config:
        """What holds for the kind as a whole."""

        metadata = {"version": "1.0.0", "subject": None, "retention_years": 30, "standard": "Fiscal Data Package 1"}

    budget_line_id: str = field("Budget line", "Number of the line.", key=True)
    fiscal_year: int = field("Fiscal year", "The year it is for.", required=True, ge=1900, le=2100, unit="year")
    department_code: str = field("Department", "Code of the department that may spend it.", required=True)
    programme_code: str = field("Programme code", "Code of the programme it is for.", required=True)
    programme_name: str = field("Programme", "The programme in words.")
    approved_cents: int = field("Approved", "What the council approved.", required=True, ge=0, unit="cents")
    revised_cents: int = field("Revised", "What it became during the year.", ge=0, unit="cents")
    updated_at: Instant = field("Updated at", "When finance last changed the line.", stamp=True)
