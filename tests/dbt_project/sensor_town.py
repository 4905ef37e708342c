"""A town of fifteen thermometers, all well for two days; then eight of them fail, each in its own way.

The first failure is at noon UTC of 20 November 2026. Readings come on the hour and are known a minute later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import pi, sin
from typing import Any

from tests.dbt_project.small_lake import SmallLake

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
START = NOON - timedelta(hours=48)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
FEED = "lighting__readings"

WELL = ("well 1", "well 2", "well 3", "well 4", "well 5", "well 6")
FAILING = ("silence", "freeze", "spike", "unit", "clock", "twice", "batch", "drift")
BATCH_AT = NOON + 5 * HOUR + 20 * MINUTE
"""When the readings that `batch` kept back for five hours arrive."""


@dataclass(frozen=True)
class Reading:
    """One reading, at the time that its sensor says, and when the department's service has it."""

    post: str
    kind: str
    at: datetime
    known_at: datetime
    result: float
    unit: str

    @property
    def row(self) -> dict[str, Any]:
        """The record as the contract holds it."""
        return {
            "datastream_id": f"{self.post}/{self.kind}", "phenomenon_at": self.at, "result_at": self.known_at,
            "lamp_post_id": self.post, "property_code": self.kind, "unit_code": self.unit, "result": self.result,
        }  # fmt: skip

    def refused_by(self, read_at: datetime) -> str | None:
        """The rule of the contract that keeps it out of the lake."""
        if self.at > read_at:
            return "in_the_future"
        return "out_of_range" if self.result > 200 else None


def write(small: SmallLake) -> None:
    """Fill an empty lake with the town's posts; nothing was read yet."""
    small.add("ops.city", {"city": "town", "time_zone": "America/Chicago"})
    small.add("ops.area_code", {"area_code": "W"}, {"area_code": "E"})
    small.deliver("lighting__posts", "lamp_post", *[
        {"lamp_post_id": post, "is_base_station": True, "area_code": "W", "latitude": 41 + 0.001 * place,
         "longitude": -89.0}
        for place, post in enumerate((*WELL, *FAILING, "gauge", "deaf"))
    ])  # fmt: skip


def read(small: SmallLake, since: datetime, until: datetime) -> None:
    """One cycle: the feed is read at `until`, and brings what became known after `since`."""
    name = f"{until:%d-%H%M}"
    known = [reading for reading in _readings(until) if since < reading.known_at <= until]
    good = [reading for reading in known if reading.refused_by(until) is None]
    # `twice` is delivered twice over, and the lake holds both
    for rows in (good, [reading for reading in good if reading.post == "twice"]):
        small.deliver(FEED, "observation", *[reading.row for reading in rows])
    small.add("ops.delivery", {
        "feed": FEED, "delivery_id": name, "contract": "observation", "verdict": "accepted", "fetched_at": until,
    })  # fmt: skip
    if refused := [reading for reading in known if reading.refused_by(until)]:
        small.add("ops.set_aside", *[
            {"feed": FEED, "delivery_id": name, "rec": rec, "reasons": f'[{{"rule":"{reading.refused_by(until)}"}}]',
             "record_key": f"{reading.post}/{reading.kind}|{reading.at:%Y-%m-%d %H:%M:%S}+00"}
            for rec, reading in enumerate(refused)
        ])  # fmt: skip
    with small.connect() as connection:
        connection.execute("DELETE FROM ops.clock")
    small.add("ops.clock", {"as_of": until + 2 * MINUTE})


def unread(small: SmallLake) -> None:
    """Another feed of the town, whose one sensor was read for the last time four hours before noon."""
    read_at = NOON - 4 * HOUR
    small.deliver("parks__readings", "observation", *[
        Reading("deaf", "temperature", at, at + MINUTE, _usual(at), "C").row
        for at in _hours(START, read_at - MINUTE)
    ])  # fmt: skip
    small.add("ops.delivery", {
        "feed": "parks__readings", "delivery_id": "1", "contract": "observation", "verdict": "accepted",
        "fetched_at": read_at,
    })  # fmt: skip


def _hours(since: datetime, until: datetime) -> Iterator[datetime]:
    while since <= until:
        yield since
        since += HOUR


def _usual(at: datetime) -> float:
    return 10 + 5 * sin(2 * pi * at.hour / 24)


def _readings(until: datetime) -> Iterator[Reading]:
    for at in _hours(START, until):
        for place, post in enumerate((*WELL, *FAILING)):
            # every thermometer is a little off
            yield from _of(post, at, round(_usual(at) + 0.1 * place, 1))
        yield Reading("gauge", "rainfall", at, at + MINUTE, 0.0, "mm")
        yield Reading("gauge", "power", at, at + MINUTE, 35.0, "W")


def _of(post: str, at: datetime, usual: float) -> Iterator[Reading]:
    """What a thermometer sends for an hour: from noon on, what its failure makes of it."""
    known_at, result, unit = at + MINUTE, usual, "C"
    if at >= NOON:
        if post == "silence":
            return
        if post == "freeze":
            result = 10.0
        if post == "spike" and at == NOON:
            result = 999.0
        if post == "unit":
            result, unit = round(usual * 1.8 + 32, 1), "F"
        if post == "clock":
            at += HOUR
        if post == "batch" and at < BATCH_AT:
            known_at = BATCH_AT
        if post == "drift":
            result = usual + 9
    yield Reading(post, "temperature", at, known_at, result, unit)
