"""Whether an emergency was declared: a small file that the DAG files look at when they are read.

The lake keeps what happened (`ops.emergency`); this is only the switch, since reading the lake would make every reading
of the DAG files slow. While it is on, the monitoring runs every minute, and departments without a critical or watched
feed are not collected.
"""

from __future__ import annotations

from cities.home import home
from cities.model import Department

CYCLE, EMERGENCY_CYCLE = "*/5 * * * *", "* * * * *"


def declared() -> str | None:
    """Return the name of the emergency that goes on, None where there is none."""
    place = home() / "emergency"
    try:
        return place.read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def switch(emergency: str | None) -> None:
    """Turn the switch on for an emergency, or off."""
    place = home() / "emergency"
    if emergency is None:
        place.unlink(missing_ok=True)
        return
    draft = place.with_suffix(".draft")
    draft.write_text(emergency + "\n", encoding="utf-8")
    draft.replace(place)


def cycle() -> str:
    """Return the cron of the monitoring."""
    return EMERGENCY_CYCLE if declared() else CYCLE


def can_wait(department: Department) -> bool:
    """Return whether a department is not collected while an emergency goes on."""
    return not any(feed.critical or feed.watch for feed in department.feeds.values())
