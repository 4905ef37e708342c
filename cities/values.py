"""What single values of a city file must be."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import CroniterError, croniter
from pydantic import AfterValidator
from pydantic import Field as option

Words = dict[str, str]
"""One text in several languages: language code to text."""

AIRFLOWS_OWN = ("@quarterly",)
"""Names of schedules that Airflow knows and croniter does not."""


def _has_english(words: Words) -> Words:
    if not words.get("en"):
        raise ValueError("give it in English too, as `en`: that is what is shown where there is no other language")
    return words


def _is_cron(cron: str) -> str:
    if cron in AIRFLOWS_OWN:
        return cron
    try:
        # of a day that never comes, like 30 February, croniter says so only here; Airflow asks in both directions
        found = croniter(cron)
        found.get_next()
        found.get_prev()
    except CroniterError as error:
        told = str(error).removeprefix(f"[{cron}] ")
        raise ValueError(
            f'{cron!r} is no schedule ({told}); write minute, hour, day, month and weekday, like "0 6 * * *"'
        ) from None
    return cron


def _is_zone(name: str) -> str:
    # listing all zones, to look the name up, walks the whole database on the disk
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("not a time zone of the IANA database; write it like America/Chicago") from None
    return name


Title = Annotated[Words, option(json_schema_extra={"required": ["en"]}), AfterValidator(_has_english)]
"""A name in several languages, always in English."""

Cron = Annotated[str, AfterValidator(_is_cron)]
"""When a department is collected, by the city's clocks."""

Zone = Annotated[str, AfterValidator(_is_zone)]
"""A time zone of the IANA database."""
