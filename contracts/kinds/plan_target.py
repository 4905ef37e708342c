"""What the city set out to reach."""

from __future__ import annotations

from datetime import date

from contracts.fields import Record, field


class PlanTarget(Record):
    """One row for each measure of the city plan and quarter."""

    class Config:
        """What holds for the kind as a whole."""

        metadata = {"version": "1.1.0", "subject": None, "retention_years": 30, "standard": None}

    measure_id: str = field("Measure", "Number of the measure in the plan.", key=True)
    year: int = field("Year", "The city's fiscal year of the target.", key=True, ge=1900, le=2100, unit="year")
    quarter: int = field("Quarter", "Quarter of that year, 1 to 4.", key=True, ge=1, le=4)
    goal: str = field("Goal", "The goal that the measure serves.")
    measure_name: str = field("Measure in words", required=True)
    department_code: str = field("Department", "Code of the department that answers for it.", required=True)
    unit_code: str = field("Unit", "Unit of baseline, target and values.", required=True)
    direction: str = field(
        "Direction", "Whether more, less or the same is better.", required=True, allowed=["up", "down", "keep"]
    )
    baseline: float = field("Baseline", "Where the measure started.")
    target: float = field("Target", "What is to be reached by the end of the quarter.", required=True)
    accrual: str = field(
        "How months make a quarter", "A level is read at the quarter's end, a sum is added up; a level if blank.",
        allowed=["level", "sum"],
    )  # fmt: skip
    owner_role: str = field("Owner", "Office that answers for the measure: a role, never a person.")
    metric_id: str = field("Metric", "Metric of the registry that gives the value, where nobody enters it by hand.")
    budget_line_id: str = field("Budget line", "The line of the budget that pays for the measure.")
    adopted_date: date = field("Adopted", "Day on which this target, or its change, was decided.")
    reason: str = field("Reason", "Why the target was changed.")
