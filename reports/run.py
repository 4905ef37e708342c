"""What the orchestrator tells a report about the run that made it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Status = Literal["ok", "partial", "failed"]
Trigger = Literal["schedule", "manual", "replay"]


@dataclass(frozen=True)
class RunFacts:
    """One run of the build; instants carry an offset, `status` is how the build ended and not how good the data is.

    `address` is where Airflow shows the run, where it has a page at all.
    """

    run_id: str
    logical_at: datetime
    started_at: datetime
    finished_at: datetime
    trigger: Trigger
    code_version: str
    status: Status
    address: str | None = None

    @property
    def slug(self) -> str:
        """The run id as a folder name: Airflow's ids hold colons and plus signs."""
        return re.sub(r"[^A-Za-z0-9._-]+", "-", self.run_id).strip(".-") or "run"

    @property
    def minutes(self) -> int:
        """How long it took, in whole minutes."""
        return round((self.finished_at - self.started_at).total_seconds() / 60)
