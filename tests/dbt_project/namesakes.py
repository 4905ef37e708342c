"""Other feeds that use the numbers of Riverside's records for records of their own."""

from __future__ import annotations

from typing import Any

from tests.dbt_project.riverside import square
from tests.dbt_project.small_lake import SmallLake


def write(small: SmallLake) -> None:
    """Add them to the invented city; each comes after the feed whose numbers it uses."""
    _feeds(small)
    _requests(small)
    _emergencies(small)
    _stations(small)
    _inspections(small)
    _places(small)


def _feeds(small: SmallLake) -> None:
    feeds = {
        "parks__requests": "service_request", "streets__old_requests": "service_request",
        "ambulance__calls": "emergency_call", "parks__posts": "lamp_post", "parks__readings": "observation",
        "housing__inspections": "inspection", "survey__areas": "area", "census__residents": "population",
    }  # fmt: skip
    known = {"streets"}
    small.add("ops.department", *[
        {"department": name, "title_en": name.title(), "steward": "s", "schedule": "0 6 * * *"}
        for name in dict.fromkeys(feed.split("__")[0] for feed in feeds) if name not in known
    ])  # fmt: skip
    small.add("ops.feed", *[
        {"feed": feed, "department": feed.split("__")[0], "contract": contract, "schedule": "0 6 * * *", "due": "06:30",
         "matters": 1, "critical": False, "active_from": "2026-11-20"}
        for feed, contract in feeds.items()
    ])  # fmt: skip


def _requests(small: SmallLake) -> None:
    def request(number: str, **more: Any) -> dict[str, Any]:
        return {
            "request_id": number, "requested_at": "2026-11-19 15:00:00+00", "updated_at": "2026-11-22 15:00:00+00",
            "status": "closed", "closed_at": "2026-11-22 15:00:00+00", "service_code": "T", "service_name": "Tree",
            "area_code": "E", **more,
        }  # fmt: skip

    small.deliver("parks__requests", "service_request",
        request("open late"), request("withdrawn"), request("nowhere", parent_request_id="open late"),
    )  # fmt: skip
    small.deliver("streets__old_requests", "service_request", request("open late", service_code="S"))
    # what parks withdraws stays with streets
    small.deliver("parks__requests", "service_request",
        {**request("without stamp", updated_at="2026-11-23 01:00:00+00"), "_op": "D"},
    )  # fmt: skip


def _emergencies(small: SmallLake) -> None:
    small.deliver("ambulance__calls", "emergency_call",
        {"call_id": "F1", "unit_id": "E1", "received_at": "2026-11-20 13:00:00+00",
         "on_scene_at": "2026-11-20 13:04:00+00", "call_type": "medical", "priority": 2, "area_code": "W"},
    )  # fmt: skip


def _stations(small: SmallLake) -> None:
    small.deliver("parks__posts", "lamp_post",
        {"lamp_post_id": "L1", "is_base_station": True, "longitude": 1.2, "latitude": 0.2},
    )  # fmt: skip
    small.deliver("parks__readings", "observation", *[
        {"datastream_id": "L1-light", "phenomenon_at": instant, "lamp_post_id": "L1", "property_code": "illuminance",
         "unit_code": "lx", "result": 2}
        for instant in ("2026-11-20 12:00:00+00", "2026-11-21 12:00:00+00")
    ])  # fmt: skip
    small.add("ops.delivery",
        {"feed": "parks__readings", "delivery_id": "read", "department": "parks", "contract": "observation",
         "verdict": "accepted", "received": 2, "accepted": 2, "set_aside": 0, "unchanged": 0, "duplicate": 0,
         "withdrawn": 0, "fetched_at": "2026-11-23 12:10:00+00", "loaded_at": "2026-11-23 12:10:00+00"},
    )  # fmt: skip


def _inspections(small: SmallLake) -> None:
    small.deliver("housing__inspections", "inspection",
        {"inspection_id": "H1", "inspection_date": "2026-11-20", "result": "pass", "area_code": "W"},
    )  # fmt: skip


def _places(small: SmallLake) -> None:
    small.deliver("survey__areas", "area", {"area_code": "W", "area_name": "Old West", "geometry": square(0, 0, 1)})
    small.deliver("census__residents", "population",
        {"area_code": "W", "year": 2026, "age_group": "total", "sex_group": "all", "population": 2100},
    )  # fmt: skip
