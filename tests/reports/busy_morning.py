"""A morning on which the book of actions is full: acknowledged, accepted, overdue and done ones."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.reports.morning import NOW, TODAY, Morning, bad_morning

MISSING = "gap.days_missing.streets__requests.2026-11-22"


def busy_morning(folder: Path) -> Morning:
    """Return the bad morning with a book of actions."""
    morning = bad_morning(folder)
    seen = {"acknowledged_at": NOW, "acknowledged_by": "Lee", "assigned_to": "Kim", "note": "The server moves today"}
    morning.book(MISSING, "missing", "streets__requests", "days_missing", **seen)
    yesterday, later = TODAY - timedelta(days=1), TODAY + timedelta(days=12)
    morning.book("gap.area", "gap", "police__incidents", "area_missing", detail="2", due_date=yesterday)
    morning.book("gap.field", "gap", "police__incidents", "field_blank", detail="arrest", due_date=later)
    accepted = {"accepted_at": NOW, "accepted_by": "Data Office", "note": "The office was closed in March"}
    morning.book("gap.period", "gap", "permits__permits", "period_missing", state="accepted", **accepted)
    done = {"state": "done", "since_date": TODAY - timedelta(days=5)}
    morning.book("late.a", "late", "police__incidents", "late", closed_at=NOW - timedelta(days=3), **done)
    morning.book("rule.b", "rule", "permits__permits", "blank", closed_at=NOW - timedelta(days=1), **done)
    return morning
