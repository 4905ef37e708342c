"""What this process takes for now."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from cities.errors import SettingError


def now() -> datetime:
    """Return the present instant in UTC, or the one that `CIVICLAKE_NOW` (ISO 8601 with offset) rehearses.

    A rehearsed morning (the demo city, a test) must be repeatable to the byte, so every stamp that the lake
    keeps comes from here and none from the wall clock directly. Raises SettingError where it is no instant.
    """
    rehearsed = os.environ.get("CIVICLAKE_NOW")
    if not rehearsed:
        return datetime.now(UTC)
    try:
        instant = datetime.fromisoformat(rehearsed)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise SettingError(
            f"CIVICLAKE_NOW={rehearsed!r} is no instant with offset; write it like 2026-10-26T06:42:00-05:00"
        )
    return instant.astimezone(UTC)
