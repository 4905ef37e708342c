"""What was to be done by when, so that the plan is reached."""

from __future__ import annotations

from datetime import date

import polars as pl

from contracts.fields import Instant, Record, field
from contracts.rules import rule


class PlanTask(Record):
    """One row for each task or milestone of the city plan."""

    class Config:
        """What holds for the kind as a whole."""

        metadata = {"version": "1.0.0", "subject": None, "retention_years": 30, "standard": None}

    task_id: str = field("Task", "Number of the task in the plan.", key=True)
    measure_id: str = field("Measure", "The measure that the task serves, where there is one.")
    goal: str = field("Goal", "The goal that the task serves.")
    task_name: str = field("Task in words", required=True)
    is_milestone: bool = field("Milestone", "Whether it is a milestone: a task that others wait for.")
    department_code: str = field("Department", "Code of the department that answers for it.", required=True)
    owner_role: str = field("Owner", "Office that answers for the task: a role, never a person.")
    status: str = field(
        "Status", "Where the task stands.", required=True, allowed=["planned", "in_progress", "done", "cancelled"]
    )
    due_date: date = field("Due", "Day by which it is to be done.", required=True)
    done_date: date = field("Done", "Day on which it was done.", not_future=True)
    updated_at: Instant = field("Updated at", "When the department last reported on the task.", stamp=True)

    @rule(
        "done_without_date",
        field="done_date",
        dimension="complete",
        strength="warn",
        en="A task is done and nobody says since when",
        zh="任务已完成，但没有完成日期",
    )
    def done_with_date(cls) -> pl.Expr:
        """A task that is done says since when."""
        return (pl.col("status") != "done") | pl.col("done_date").is_not_null()
