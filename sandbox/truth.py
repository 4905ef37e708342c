"""The answer sheet: what a lake that ran every day must have found, refused and counted by a day."""

from __future__ import annotations

from typing import Any

from sandbox.city import FEEDS
from sandbox.departments import lighting
from sandbox.faults import located
from sandbox.feed import Feed, known_events
from sandbox.held import held_events
from sandbox.mishaps import COLUMN_RENAMED, COUNT_OFF, FIELD_ADDED, MISHAPS, Mishap, arrives, is_refused
from sandbox.totals import TOTALS
from sandbox.world import World

CITY = "Riverbend"

ODDITIES = (
    Mishap(0, "lighting__observations", "flat_line", "result", "accepted"),
    Mishap(1, "lighting__observations", "silent_station", "result", "accepted"),
)
"""Strange but true: a station that repeats one value and one that falls silent; every rule lets their records pass."""

ODD_POSTS = {"flat_line": lighting.FLAT_STATION, "silent_station": lighting.SILENT_STATION}
FINDINGS_OF_DELIVERIES = {COLUMN_RENAMED, FIELD_ADDED, COUNT_OFF}

Entry = dict[str, Any]


def _record_faults(feed: Feed, world: World) -> list[Entry]:
    found = located(feed, world, known_events(feed, world))
    return [
        {
            "day": fault.day,
            "feed": fault.feed,
            "record": key,
            "field": fault.field,
            "fault": fault.kind,
            "expect": fault.kind,
            "verdict": fault.verdict,
            "rows": 2 if fault.kind == "ambiguous" else 1,
            "mended_on": fault.mended_on,
        }
        for key, fault in sorted(found.items(), key=lambda item: (item[1].day, item[1].nth))
    ]


def _delivery_faults(day: int) -> list[Entry]:
    return [
        {
            "day": mishap.day,
            "feed": mishap.feed,
            "record": str(ODD_POSTS[mishap.kind]) if mishap.kind in ODD_POSTS else None,
            "field": mishap.field,
            "fault": mishap.kind,
            "expect": mishap.kind if mishap.kind in FINDINGS_OF_DELIVERIES else None,
            "verdict": mishap.verdict,
            "rows": 0,
            "mended_on": None,
        }
        for mishap in (*MISHAPS, *ODDITIES)
        if mishap.day <= day
    ]


def truth(seed: int, scale: float, day: int) -> dict[str, Any]:
    """Everything that is true of a city on a day, ready for JSON.

    `faults` holds one entry for each planted fault up to the day: the sender's key and field, the rule that must find
    it (`expect`, null where nothing is to be found), the verdict, the rows of the delivery that it strikes, and the day
    on which the record comes again mended; for the two strange stations the record is their lamp post. `deliveries`
    says for each feed and day whether it arrives and whether it must be refused. `totals` are the city's figures
    without the records that are still set aside. `records` is the number of current records held for each feed.
    """
    world = World(seed, scale, day)
    record_faults = [fault for feed in FEEDS.values() for fault in _record_faults(feed, world)]
    return {
        "city": CITY,
        "seed": seed,
        "scale": scale,
        "day": day,
        "now": world.now.isoformat(),
        "faults": record_faults + _delivery_faults(day),
        "deliveries": [
            {"feed": feed, "day": past, "arrives": arrives(feed, past), "refused": is_refused(feed, past)}
            for past in range(day + 1)
            for feed in FEEDS
        ],
        "totals": {name: count(world) for name, count in TOTALS.items()},
        "records": {feed: len(held_events(feed, world)) for feed in FEEDS},
    }
