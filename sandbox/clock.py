"""Time in Riverbend: days are counted from day 0, Monday 26 October 2026, and every system is looked at at 06:30.

Instants are aware datetimes in UTC; the functions named after a notation write them as one kind of system sends them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Chicago")
FIRST_DATE = date(2026, 10, 26)
HISTORY_DAYS = 60
LOOK_AT = time(6, 30)
HOUR = 3600


def date_of(day: int) -> date:
    """The local calendar date of a day number; days before the first are negative."""
    return FIRST_DATE + timedelta(days=day)


def day_of(moment: datetime) -> int:
    """The day number of the local calendar date on which an instant falls."""
    return (local_date(moment) - FIRST_DATE).days


def local_date(moment: datetime) -> date:
    """The local calendar date on which an instant falls."""
    return moment.astimezone(ZONE).date()


def at(day: int, seconds: float = 0) -> datetime:
    """The instant so many elapsed seconds after local midnight of a day."""
    midnight = datetime.combine(date_of(day), time.min, ZONE)
    return midnight.astimezone(UTC) + timedelta(seconds=int(seconds))


def now_on(day: int) -> datetime:
    """The instant at which the state of a day is taken: 06:30 local time."""
    return datetime.combine(date_of(day), LOOK_AT, ZONE).astimezone(UTC)


def first_seen_on(moment: datetime) -> int:
    """The first day, 0 or later, whose 06:30 state can hold what a system learned at this instant."""
    day = max(0, day_of(moment))
    return day if moment <= now_on(day) else day + 1


def local_offset(moment: datetime) -> str:
    """ISO 8601 with the local offset, as Open311 sends it: 2026-10-25T13:05:00-05:00."""
    return moment.astimezone(ZONE).isoformat()


def floating(moment: datetime) -> str:
    """Socrata's floating timestamp, local time without a zone: 2026-10-25T13:05:00.000."""
    return moment.astimezone(ZONE).replace(tzinfo=None).isoformat(timespec="milliseconds")


def local_text(moment: datetime) -> str:
    """Local time as databases print it: 2026-10-25 13:05:00."""
    return moment.astimezone(ZONE).replace(tzinfo=None).isoformat(sep=" ")


def epoch_milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970 in UTC, as ArcGIS sends dates."""
    return int(moment.timestamp()) * 1000


def utc_text(moment: datetime) -> str:
    """ISO 8601 in UTC with a Z, as SensorThings sends it: 2026-10-25T18:05:00Z."""
    return moment.replace(tzinfo=None).isoformat() + "Z"


def us_date(day: date) -> str:
    """Month first, as offices in the United States write dates: 10/24/2026."""
    return f"{day.month:02d}/{day.day:02d}/{day.year}"
