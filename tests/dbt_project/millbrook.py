"""An invented city with every kind of service request that was ever misjudged, written by hand.

It is Wednesday 2 December 2026, 12:00 in America/Chicago: UTC-6, and UTC-5 from 8 March to 1 November. Streets promises
in its records, tells answers and outcomes and is rated; Parks promises by the city's table and tells nothing else.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.dbt_project.small_lake import SmallLake

LOCAL = ZoneInfo("America/Chicago")
STREETS, PARKS = "streets__requests", "parks__requests"


def write(small: SmallLake) -> None:
    """Fill an empty lake, the seeds of which are loaded, with the city."""
    small.add("ops.city", {"city": "millbrook", "time_zone": "America/Chicago"})
    small.add("ops.clock", {"as_of": "2026-12-02 18:00:00+00"})
    small.add("ops.area_code", {"area_code": "W"}, {"area_code": "E"})
    small.add("ops.department", {"department": "streets"}, {"department": "parks"})
    small.deliver("statistics__residents", "population", *[
        {"area_code": area, "year": 2020, "age_group": "total", "sex_group": "all", "population": count}
        for area, count in (("W", 1000), ("E", 500))
    ])  # fmt: skip
    promise = {"city": "millbrook", "department": "parks", "day_kind": "business"}
    small.add("intermediate.service_targets",
        {**promise, "service_code": "T", "target_days": 2},
        {**promise, "service_code": "A", "target_days": 2}, {**promise, "service_code": "A", "target_days": 5},
        {**promise, "service_code": "N", "target_days": 2, "city": "elsewhere"},
    )  # fmt: skip
    small.add("intermediate.holidays", {"city": "millbrook", "holiday_date": "2026-11-26", "holiday_name": "Thanks"})
    _streets(small)
    _parks(small)
    small.deliver("streets__ratings", "service_rating", *[
        {"rating_id": f"{service}{number}", "service_code": service, "month": "2026-11-01", "satisfaction": answer}
        for service, answers in (("P", [1, 2, 3, 4, 4, 4, 5, 5, 5, 5]), ("Q", [5] * 9))
        for number, answer in enumerate(answers)
    ])  # fmt: skip


def _request(number: str, made: str, **told: Any) -> dict[str, Any]:
    """Return a request with its instants given as local wall-clock times of 2026, `11-02 09:00`."""
    instants = ("expected_at", "answered_at", "closed_at", "updated_at")
    told = {name: local(value) if name in instants and value else value for name, value in told.items()}
    closed = told.get("closed_at")
    return {
        "request_id": number, "requested_at": local(made), "updated_at": closed or local(made),
        "status": "closed" if closed else "open", "area_code": "W", **told,
    }  # fmt: skip


def local(text: str) -> datetime:
    """Return the instant at which the city's clocks show a time of 2026."""
    return datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=LOCAL).astimezone(UTC)


def _streets(small: SmallLake) -> None:
    def pothole(number: str, made: str, due: str | None, closed: str | None = None, **told: Any) -> dict[str, Any]:
        more = {"service_code": "P", "service_name": "Pothole", "expected_at": due, "closed_at": closed}
        return _request(number, made, **{**more, **told})

    second, fifth, sixteenth = "11-02 09:00", "11-05 09:00", "11-16 09:00"
    small.deliver(STREETS, "service_request",
        pothole("in time", second, "11-04 17:00", "11-03 12:00", outcome="fixed", answered_at="11-02 10:00"),
        pothole("late", second, "11-04 17:00", "11-06 09:00", outcome="fixed", answered_at="11-03 10:00"),
        pothole("open late", second, "11-04 17:00"),
        pothole("not yet due", "12-01 13:00", "12-04 17:00"),
        pothole("at once", fifth, "11-07 17:00", "11-05 09:04", outcome="other"),
        pothole("ten minutes", fifth, "11-07 17:00", "11-05 09:10", outcome="fixed"),
        pothole("again", fifth, "11-12 17:00", "11-06 09:00", outcome="fixed"),
        pothole("again and open", fifth, "11-12 17:00", "11-06 09:00", outcome="fixed"),
        pothole("marked", fifth, "11-07 17:00", "11-05 10:00", is_duplicate=True),
        pothole("child", fifth, "11-07 17:00", parent_request_id="in time"),
        pothole("own job", fifth, "11-07 17:00", "11-05 09:01", channel="internal"),
        pothole("cancelled", fifth, "11-07 17:00", status="cancelled", updated_at="11-06 09:00"),
        pothole("withdrawn", fifth, "11-07 17:00"),
        pothole("dates", "11-09 00:00", "11-11 00:00", "11-11 00:00", outcome="fixed"),
        pothole("dates late", "11-09 00:00", "11-11 00:00", "11-12 00:00", outcome="fixed"),
        pothole("one date", "11-09 00:00", "11-11 00:00", "11-09 00:00"),
        pothole("autumn", "10-31 22:00", "11-01 00:00", "11-01 04:00", outcome="fixed"),
        pothole("spring", "03-08 01:30", "03-08 00:00", "03-08 03:30"),
        pothole("spring late", "03-07 12:00", "03-08 00:00", "03-09 00:00"),
        pothole("no promise", sixteenth, None, "11-17 09:00", outcome="fixed"),
        pothole("no time", sixteenth, "11-18 17:00", status="closed", updated_at="11-18 09:00", outcome="fixed"),
        pothole("open with a time", sixteenth, "11-18 17:00", "11-17 09:00", status="open"),
        pothole("nowhere", sixteenth, "11-20 17:00", "11-17 09:00", outcome="referred", area_code=None),
    )  # fmt: skip
    # the newest version of "again" came before the one in which it was open
    small.deliver(STREETS, "service_request", pothole("again", fifth, "11-12 17:00", "11-10 09:00", outcome="fixed"))
    small.deliver(STREETS, "service_request",
        pothole("again", fifth, "11-12 17:00", updated_at="11-07 09:00"),
        pothole("again and open", fifth, "11-12 17:00", updated_at="11-08 09:00"),
        {**pothole("withdrawn", fifth, "11-07 17:00"), "_op": "D"},
    )  # fmt: skip


def _parks(small: SmallLake) -> None:
    wednesday = "11-25 10:00"
    small.deliver(PARKS, "service_request", *[
        _request(number, made, service_code=service, area_code="E", **told)
        for number, service, made, told in (
            ("over the holiday", "T", wednesday, {"closed_at": "11-30 23:59"}),
            ("a day more", "T", wednesday, {"closed_at": "12-01 00:01"}),
            ("of Saturday", "T", "11-28 10:00", {}),
            ("due today", "T", "11-30 10:00", {}),
            ("own promise", "T", wednesday, {"expected_at": "11-27 17:00", "closed_at": "11-27 12:00"}),
            ("two promises", "A", wednesday, {"closed_at": "11-26 10:00"}),
            ("another city's", "N", wednesday, {}),
            ("promised before", "E", "12-01 10:00", {"expected_at": "01-05 17:00"}),
            ("its own day", "E", "12-01 10:00", {"expected_at": "12-02 00:00", "closed_at": "12-01 00:00"}),
            ("taken back", "E", "12-01 10:00", {"status": "cancelled", "updated_at": "12-01 11:00"}),
            ("of tomorrow", "E", "12-03 00:30", {}),
            ("of tomorrow and cancelled", "E", "12-03 00:30", {"status": "cancelled"}),
        )
    ])  # fmt: skip
    for told in ({"updated_at": "12-01 12:00"}, {"closed_at": "12-01 15:00"}):
        again = _request("taken back", "12-01 10:00", service_code="E", area_code="E", **told)
        small.deliver(PARKS, "service_request", again)
    # grass: thirty of the east after 1 to 30 hours, twenty-nine of the west after 2, 4 ... 58
    noon = local("09-01 12:30")
    small.deliver(PARKS, "service_request", *[
        {"request_id": f"{area}{n}", "service_code": "G", "service_name": "Grass", "area_code": area,
         "requested_at": noon, "updated_at": noon, "closed_at": noon + timedelta(hours=n * pace), "status": "closed"}
        for area, most, pace in (("E", 30, 1), ("W", 29, 2)) for n in range(1, most + 1)
    ])  # fmt: skip
