"""The fault plan: which record is spoilt how, on which day it is first sent, and when it is mended.

`nth` counts back from the last record that a feed sends for the first time on that day, so the plan holds for every
seed and scale. A mended record comes again with a newer stamp. Stamps themselves are never spoilt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sandbox.spoiling import (
    MISSING,
    YEAR,
    Spoil,
    before,
    contradicted,
    dated,
    iso_moved,
    pattern_moved,
    sent_twice,
    shifted,
    written,
)

NEXT_YEAR, THREE_DAYS_EARLIER = iso_moved(YEAR), iso_moved(timedelta(days=-3))
US, RSS = "%m/%d/%Y", "%a, %d %b %Y %H:%M:%S %z"
YEAR_MS, TEN_MINUTES_MS = 365 * 86_400_000, 600_000
CALL_DATES = ("ReceivedDate", "DispatchDate", "EnRouteDate", "OnSceneDate", "ClearedDate")
LATITUDE = "Locations[0].location.coordinates[1]"


@dataclass(frozen=True)
class Fault:
    """One planned fault: `kind` is the rule that must find it, `field` the sender's field."""

    feed: str
    day: int
    nth: int
    kind: str
    field: str | None
    spoil: Spoil
    mended_on: int | None = None

    @property
    def verdict(self) -> str:
        """What a correct lake does with the record as sent."""
        return "duplicate" if self.kind == "duplicate" else "set_aside"


def _wrong(feed: str, day: int, nth: int, kind: str, field: str, value: object, mended_on: int | None = None) -> Fault:
    return Fault(feed, day, nth, kind, field, written(field, value), mended_on)


def _twice(feed: str, day: int, nth: int) -> Fault:
    return Fault(feed, day, nth, "duplicate", None, sent_twice)


HOTLINE, PARKS, POLICE, FIRE = "hotline__requests", "hotline__park_requests", "police__incidents", "fire__calls"
PERMITS, POSTS, READINGS = "buildings__permits", "lighting__lamp_posts", "lighting__observations"
BUDGET, PAYMENTS, TARGETS, MEASURES = (
    "finance__budget_lines", "finance__payments", "planning__targets", "planning__measures",
)  # fmt: skip
NEWS, FORUM, POPULATION = "voice__news", "voice__forum", "statistics__population"

_CLOSED_EARLY = before("closed_datetime", "requested_datetime", THREE_DAYS_EARLIER, status="closed")
_ASKED_NEXT_YEAR = dated("requested_datetime", NEXT_YEAR, status="open", closed_datetime=None, expected_datetime=None)
_ISSUED_EARLY = before("issued", "applied", pattern_moved(US, timedelta(days=-5)), status="Issued", completed="")
_APPLIED_NEXT_YEAR = dated("applied", pattern_moved(US, YEAR), status="Applied", issued="", completed="")

HOTLINE_FAULTS = (
    _wrong(HOTLINE, 0, 1, "blank", "service_code", "", mended_on=1),
    _wrong(HOTLINE, 0, 3, "blank", "requested_datetime", None),
    _wrong(HOTLINE, 0, 5, "unreadable", "requested_datetime", "26/13/2026 9 am"),
    _wrong(HOTLINE, 0, 7, "unreadable", "lat", "north of the bridge", mended_on=1),
    _wrong(HOTLINE, 0, 9, "unknown_code", "status", "??"),
    _wrong(HOTLINE, 0, 11, "unknown_area", "attributes.district", "Z9", mended_on=2),
    _wrong(HOTLINE, 0, 13, "out_of_range", "lat", 91.0),
    Fault(HOTLINE, 0, 15, "in_the_future", "requested_datetime", _ASKED_NEXT_YEAR),
    Fault(HOTLINE, 0, 17, "closed_before_requested", "closed_datetime", _CLOSED_EARLY),
    Fault(HOTLINE, 0, 19, "ambiguous", None, contradicted(agency_responsible="Unknown"), mended_on=1),
    _twice(HOTLINE, 0, 21),
    _twice(HOTLINE, 0, 22),
    _wrong(HOTLINE, 1, 1, "unreadable", "long", "-89,1"),
    _wrong(HOTLINE, 2, 0, "unknown_code", "status", "??"),
    Fault(HOTLINE, 5, 1, "closed_before_requested", "closed_datetime", _CLOSED_EARLY, mended_on=6),
    _wrong(PARKS, 0, 1, "unknown_area", "attributes.district", "Z9"),
    _wrong(PARKS, 0, 3, "unreadable", "requested_datetime", "last Tuesday"),
    Fault(PARKS, 0, 4, "closed_before_requested", "closed_datetime", _CLOSED_EARLY, mended_on=1),
    _wrong(PARKS, 3, 0, "blank", "service_code", None),
)
POLICE_FAULTS = (
    _wrong(POLICE, 0, 1, "blank", "date", MISSING),
    _wrong(POLICE, 0, 3, "unknown_area", "district", "Z9", mended_on=1),
    Fault(POLICE, 0, 5, "in_the_future", "date", dated("date", NEXT_YEAR)),
    _wrong(POLICE, 0, 7, "out_of_range", "latitude", "91.5"),
    _wrong(POLICE, 0, 9, "unreadable", "date", "yesterday"),
    Fault(POLICE, 0, 11, "ambiguous", None, contradicted(primary_type="UNKNOWN")),
    _twice(POLICE, 0, 13),
    _twice(POLICE, 0, 14),
    _wrong(POLICE, 0, 15, "unreadable", "longitude", "W 89"),
    _wrong(POLICE, 1, 0, "unknown_area", "district", "Z9"),
    Fault(POLICE, 6, 1, "ambiguous", None, contradicted(primary_type="UNKNOWN")),
)
FIRE_FAULTS = (
    Fault(FIRE, 0, 1, "on_scene_before_received", "OnSceneDate",
          before("OnSceneDate", "ReceivedDate", lambda ms: ms - TEN_MINUTES_MS), mended_on=1),
    _wrong(FIRE, 0, 3, "unknown_code", "CallType", "??"),
    Fault(FIRE, 0, 5, "dispatched_before_received", "DispatchDate",
          before("DispatchDate", "ReceivedDate", lambda ms: ms - TEN_MINUTES_MS)),
    Fault(FIRE, 0, 7, "in_the_future", "ReceivedDate", shifted(CALL_DATES, YEAR_MS)),
    _wrong(FIRE, 0, 9, "out_of_range", "Priority", 9),
    _wrong(FIRE, 0, 11, "unknown_area", "District", "Z9", mended_on=1),
    _wrong(FIRE, 6, 0, "unknown_code", "CallType", "??"),
)  # fmt: skip
BUILDING_FAULTS = (
    _wrong(PERMITS, 0, 1, "unreadable", "est_cost", "12.5OO,00"),
    Fault(PERMITS, 0, 3, "issued_before_applied", "issued", _ISSUED_EARLY, mended_on=1),
    _wrong(PERMITS, 0, 5, "unknown_code", "status", "??"),
    _wrong(PERMITS, 0, 7, "unknown_area", "district", "Z9"),
    Fault(PERMITS, 0, 9, "in_the_future", "applied", _APPLIED_NEXT_YEAR),
    _wrong(PERMITS, 0, 11, "blank", "permit_type", ""),
    _wrong(PERMITS, 0, 13, "unreadable", "applied", "13/45/2026"),
    _wrong(PERMITS, 0, 15, "out_of_range", "est_cost", "-500.00"),
    Fault(PERMITS, 3, 0, "issued_before_applied", "issued", _ISSUED_EARLY),
)
LIGHTING_FAULTS = (
    _wrong(POSTS, 0, 3, "out_of_range", LATITUDE, 91.0),
    _wrong(POSTS, 0, 5, "unknown_area", "properties.district", "Z9", mended_on=1),
    _wrong(READINGS, 0, 1, "out_of_range", "result", 999_999.0),
    _wrong(READINGS, 0, 3, "unreadable", "result", "ERR"),
    Fault(READINGS, 0, 5, "in_the_future", "phenomenonTime", dated("phenomenonTime", NEXT_YEAR)),
    _wrong(READINGS, 0, 7, "blank", "result", None),
    _twice(READINGS, 0, 9),
    Fault(READINGS, 0, 11, "ambiguous", None, contradicted(result=0.25)),
    _wrong(READINGS, 4, 1, "out_of_range", "result", 999_999.0),
)
FINANCE_FAULTS = (
    _wrong(BUDGET, 0, 0, "out_of_range", "approved", "-1.00"),
    _wrong(PAYMENTS, 0, 1, "out_of_range", "amount", "-120.00"),
    _wrong(PAYMENTS, 0, 3, "unreadable", "amount", "1.2O4,5"),
    _wrong(PAYMENTS, 0, 4, "unknown_code", "payee_kind", "X", mended_on=1),
    Fault(PAYMENTS, 0, 6, "in_the_future", "pay_date", dated("pay_date", NEXT_YEAR)),
    _wrong(PAYMENTS, 0, 8, "unknown_area", "district", "Z9"),
    Fault(PAYMENTS, 0, 10, "ambiguous", None, contradicted(amount="0.01")),
    _twice(PAYMENTS, 0, 12),
    _wrong(PAYMENTS, 0, 14, "blank", "line_id", None),
    _wrong(PAYMENTS, 2, 0, "unreadable", "amount", "see invoice"),
)
PLANNING_FAULTS = (
    _wrong(TARGETS, 0, 2, "unreadable", "Target", "to be agreed"),
    _wrong(MEASURES, 0, 1, "unreadable", "value", "approx. 40", mended_on=2),
    Fault(MEASURES, 0, 3, "in_the_future", "reported on", dated("reported on", NEXT_YEAR)),
)
VOICE_FAULTS = (
    _wrong(NEWS, 0, 1, "unreadable", "pubDate", "sometime yesterday"),
    Fault(NEWS, 0, 3, "in_the_future", "pubDate", dated("pubDate", pattern_moved(RSS, YEAR))),
    _wrong(NEWS, 0, 5, "unknown_area", "category", "Z9"),
    _wrong(FORUM, 0, 1, "blank", "title", "", mended_on=1),
    Fault(FORUM, 0, 3, "in_the_future", "published", dated("published", NEXT_YEAR)),
    _wrong(FORUM, 0, 5, "unknown_area", "category", "Z9"),
    _twice(FORUM, 0, 7),
    _wrong(FORUM, 4, 0, "unknown_area", "category", "Z9"),
)
STATISTICS_FAULTS = (
    _wrong(POPULATION, 0, 15, "out_of_range", "population", "-12"),
    _wrong(POPULATION, 0, 17, "unknown_code", "sex", "X"),
    _wrong(POPULATION, 0, 27, "unreadable", "year", "2O23"),
)

FAULTS: tuple[Fault, ...] = (
    *HOTLINE_FAULTS, *POLICE_FAULTS, *FIRE_FAULTS, *BUILDING_FAULTS, *LIGHTING_FAULTS, *FINANCE_FAULTS,
    *PLANNING_FAULTS, *VOICE_FAULTS, *STATISTICS_FAULTS,
)  # fmt: skip
