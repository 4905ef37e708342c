"""An invented city of two square areas, written by hand so that each figure can be worked out on paper.

It is Monday 23 November 2026, 06:42 in America/Chicago (UTC-6).
"""

from __future__ import annotations

import json
from typing import Any

from tests.dbt_project.small_lake import SmallLake


def write(small: SmallLake) -> None:
    """Fill an empty lake with the city."""
    _city(small)
    _places(small)
    _requests(small)
    _emergencies(small)
    _other_departments(small)
    _deliveries(small)


def square(west: float, south: float, side: float) -> str:
    """Return a square as a GeoJSON polygon."""
    east, north = west + side, south + side
    return json.dumps(
        {
            "type": "Polygon",
            "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
        }
    )


def _city(small: SmallLake) -> None:
    small.add("ops.city", {"city": "riverside", "title_en": "Riverside", "time_zone": "America/Chicago"})
    small.add("ops.clock", {"as_of": "2026-11-23 12:42:00+00"})
    small.add("ops.area_code", {"area_code": "W"}, {"area_code": "E"})
    feeds = {
        "streets__requests": "service_request", "fire__calls": "emergency_call", "police__incidents": "incident",
        "buildings__permits": "permit", "health__inspections": "inspection", "lighting__posts": "lamp_post",
        "lighting__readings": "observation", "finance__payments": "payment", "voice__items": "opinion_item",
        "planning__areas": "area", "statistics__residents": "population",
    }  # fmt: skip
    for name in dict.fromkeys(feed.split("__")[0] for feed in feeds):
        small.add("ops.department", {
            "department": name, "title_en": name.title(), "steward": f"{name}@riverside.example",
            "schedule": "0 6 * * *",
        })
    small.add("ops.feed", *[
        {"feed": feed, "department": feed.split("__")[0], "contract": contract, "schedule": "0 6 * * *", "due": "06:30",
         "matters": 1, "critical": False, "active_from": "2026-11-20"}
        for feed, contract in feeds.items()
    ])  # fmt: skip


def _places(small: SmallLake) -> None:
    small.deliver("planning__areas", "area",
        {"area_code": "W", "area_name": "West", "geometry": square(0, 0, 1)},
        {"area_code": "E", "area_name": "East", "geometry": square(1, 0, 1)},
    )  # fmt: skip
    small.deliver("statistics__residents", "population", *[
        {"area_code": area, "year": year, "age_group": age, "sex_group": "all", "population": count}
        for area, year, age, count in (
            ("W", 2020, "total", 1000), ("W", 2020, "00-04", 70), ("W", 2026, "total", 2000),
            ("W", 2030, "total", 9000), ("E", 2028, "total", 500), ("city", 2020, "total", 99000),
        )
    ])  # fmt: skip


def _requests(small: SmallLake) -> None:
    def request(number: str, **more: Any) -> dict[str, Any]:
        return {
            "request_id": number, "requested_at": "2026-11-19 15:00:00+00", "updated_at": "2026-11-19 15:00:00+00",
            "status": "open", "service_code": "P", "service_name": "Pothole", "area_code": "W", **more,
        }  # fmt: skip

    due = {"expected_at": "2026-11-21 06:00:00+00"}
    small.deliver("streets__requests", "service_request",
        request("closed later on", **due),
        request("open late", **due),
        request("repeated", is_duplicate=True, **due),
        request("nowhere", area_code=None, requested_at="2026-11-19 16:00:00+00", service_name="Hole in the road"),
        request("withdrawn"),
        request("without stamp", updated_at=None),
    )  # fmt: skip
    newer = {"updated_at": "2026-11-21 20:00:00+00"}
    small.deliver("streets__requests", "service_request",
        request("closed later on", status="closed", closed_at="2026-11-21 18:00:00+00", **due, **newer),
        {**request("withdrawn"), "_op": "D"},
        request("without stamp", status="cancelled"),
    )  # fmt: skip
    # an older version that arrives late changes nothing
    small.deliver("streets__requests", "service_request", request("closed later on", **due))
    small.deliver("streets__requests", "service_request", request("without stamp", updated_at=None))


def _emergencies(small: SmallLake) -> None:
    small.deliver("fire__calls", "emergency_call", *[
        {"call_id": call, "unit_id": unit, "received_at": "2026-11-20 12:00:00+00", "on_scene_at": on_scene,
         "call_type": "fire", "priority": 1, "area_code": "E"}
        for call, unit, on_scene in (
            ("F1", "E1", "2026-11-20 12:05:00+00"), ("F1", "E2", "2026-11-20 12:30:00+00"), ("F2", "E1", None),
        )
    ])  # fmt: skip


def _other_departments(small: SmallLake) -> None:
    at, day = "2026-11-20 12:00:00+00", "2026-11-20"
    small.deliver("police__incidents", "incident",
        {"incident_id": "I1", "occurred_at": at, "category": "burglary", "area_code": "E"},
        {"incident_id": "I2", "occurred_at": at, "category": "theft", "area_code": None},
        # still October in the city
        {"incident_id": "I3", "occurred_at": "2026-11-01 04:59:00+00", "category": "theft", "area_code": "E"},
    )  # fmt: skip
    permit = {"permit_type": "new", "applied_date": day, "area_code": "W"}
    small.deliver("buildings__permits", "permit",
        {"permit_id": "B1", "status": "issued", "issued_date": day, **permit},
        {"permit_id": "B2", "status": "applied", **permit},
    )  # fmt: skip
    small.deliver("health__inspections", "inspection", *[
        {"inspection_id": number, "inspection_date": day, "result": result, "area_code": area,
         "longitude": longitude, "latitude": 0.5}
        for number, result, area, longitude in (
            ("H1", "fail", None, 0.5), ("H2", "pass", None, 1.5), ("H3", "fail", "W", 1.5), ("H4", "fail", None, 9.0),
        )
    ])  # fmt: skip
    small.deliver("lighting__posts", "lamp_post", *[
        {"lamp_post_id": post, "is_base_station": is_station, "installed_date": installed,
         "longitude": 0.2, "latitude": 0.2}
        for post, is_station, installed in (
            ("L1", True, None), ("L2", False, "2026-11-30"), ("L3", False, "2026-10-01"),
        )
    ])  # fmt: skip
    small.deliver("lighting__readings", "observation", *[
        {"datastream_id": "L1-light", "phenomenon_at": instant, "lamp_post_id": "L1", "property_code": "illuminance",
         "unit_code": "lx", "result": 1}
        for instant in ("2026-11-19 12:00:00+00", "2026-11-20 12:00:00+00", "2026-11-22 12:00:00+00")
    ])  # fmt: skip
    small.deliver("finance__payments", "payment",
        {"payment_id": "P1", "budget_line_id": "1", "paid_date": day, "amount_cents": 12345, "area_code": "W"},
        {"payment_id": "P2", "budget_line_id": "1", "paid_date": day, "amount_cents": 100, "area_code": "W"},
    )  # fmt: skip
    small.deliver("voice__items", "opinion_item",
        {"item_id": "V1", "source_code": "news", "published_at": at, "title": "Lights", "area_code": "E"},
    )  # fmt: skip


def _deliveries(small: SmallLake) -> None:
    def delivery(number: str, fetched_at: str, received: int, set_aside: int, **more: Any) -> dict[str, Any]:
        return {
            "feed": "streets__requests", "delivery_id": number, "department": "streets", "contract": "service_request",
            "verdict": "accepted", "received": received, "accepted": received - set_aside, "set_aside": set_aside,
            "unchanged": 0, "duplicate": 0, "withdrawn": 0, "fetched_at": fetched_at, "loaded_at": fetched_at, **more,
        }  # fmt: skip

    small.add("ops.delivery",
        delivery("on time", "2026-11-20 12:30:00+00", 10, 2),
        delivery("on time-replay-1", "2026-11-20 12:30:00+00", 2, 1, replays="on time"),
        delivery("late", "2026-11-21 12:35:00+00", 4, 0),
        delivery("back-fill", "2026-11-22 08:00:00+00", 3, 0, window_start="2026-01-01 00:00:00+00"),
        delivery("refused", "2026-11-23 12:00:00+00", 5, 5, verdict="refused", accepted=0),
        delivery("read", "2026-11-23 12:10:00+00", 3, 0, feed="lighting__readings", department="lighting",
                 contract="observation"),
    )  # fmt: skip
    checks = [
        ("on time", "blank", "complete", "set_aside", 40, 1), ("on time", "unknown_area", "valid", "set_aside", 10, 2),
        ("late", "blank", "complete", "set_aside", 16, 0), ("late", "unknown_area", "valid", "set_aside", 4, 0),
        ("refused", "layout_removed", "consistent", "refuse", 1, 1),
    ]  # fmt: skip
    small.add("ops.check_result", *[
        {"feed": "streets__requests", "delivery_id": number, "rule": rule, "dimension": dimension, "strength": strength,
         "status": "fail" if broken else "pass", "checked": checked, "failed": broken}
        for number, rule, dimension, strength, checked, broken in checks
    ])  # fmt: skip
    small.add("ops.finding",
        {"feed": "streets__requests", "delivery_id": "refused", "rule": "layout_removed", "dimension": "consistent",
         "strength": "refuse"},
    )  # fmt: skip
    reasons = {"on time": ["unknown_area", "blank"], "refused": ["layout_removed"]}
    asides = [
        {"feed": "streets__requests", "delivery_id": number, "rec": rec}
        for number, records in (("on time", 2), ("refused", 5)) for rec in range(records)
    ]  # fmt: skip
    small.add("ops.set_aside", *[
        {**aside, "reasons": json.dumps([{"rule": rule} for rule in reasons[aside["delivery_id"]]])} for aside in asides
    ])  # fmt: skip
    small.add("ops.set_aside_event", {**asides[0], "event": "replayed"})
    small.add("ops.set_aside_open", *asides[1:])
