"""What residents ask the city to do (Open311 GeoReport v2)."""

from __future__ import annotations

import polars as pl

from contracts.fields import Instant, Record, area, field, latitude, longitude
from contracts.rules import not_before, rule


class ServiceRequest(Record):
    """One row for each request that a resident or the city itself made for a service."""

    class Config:
        """What holds for the kind as a whole."""

        metadata = {
            "version": "1.1.0",
            "subject": "requester",
            "retention_years": 10, "grows": True,
            "standard": "Open311 GeoReport v2",
        }

    request_id: str = field("Request", "The department's number of the request.", key=True)
    requested_at: Instant = field("Requested at", "When the request was made.", required=True, not_future=True)
    updated_at: Instant = field("Updated at", "When the department last changed the request.", stamp=True)
    expected_at: Instant = field("Expected at", "By when the department promised to have done it.")
    answered_at: Instant = field(
        "Answered at", "When the department first answered: took the request on, replied or sent somebody."
    )
    closed_at: Instant = field("Closed at", "When the department closed the request.")
    status: str = field("Status", "Where the request stands.", required=True, allowed=["open", "closed", "cancelled"])
    service_code: str = field("Service code", "The department's code of the service asked for.", required=True)
    service_name: str = field("Service", "The service in words.")
    description: str = field("Description", "What the resident wrote.", classification="personal", privacy="mask")
    channel: str = field("Channel", "How it was made.", allowed=["phone", "web", "app", "internal", "other"])
    responsible: str = field("Responsible agency", "Who is to do it.")
    outcome_code: str = field("Outcome code", "The department's code of how it ended.")
    outcome: str = field(
        "Outcome", "How it ended.", allowed=["fixed", "not_fixed", "not_found", "referred", "other"]
    )
    is_duplicate: bool = field("Is a duplicate", "The department marked it as a copy of another request.")
    parent_request_id: str = field("Parent request", "The request that this one repeats or belongs to.")
    area_code: str = area()
    latitude: float = latitude(coarse=True)
    longitude: float = longitude(coarse=True)
    address: str = field("Address", "Where the service is wanted.", classification="personal", privacy="drop")
    requester_name: str = field("Requester's name", classification="personal", privacy="drop")
    requester_phone: str = field("Requester's phone", classification="personal", privacy="pseudonym", domain="person")
    requester_email: str = field("Requester's e-mail", classification="personal", privacy="drop")

    @rule(
        "closed_before_requested",
        field="closed_at",
        en="A request was closed before it was made",
        zh="请求的关闭时间早于提出时间",
    )
    def closed_after_requested(cls) -> pl.Expr:
        """A request closes no earlier than it was made."""
        return not_before("closed_at", "requested_at", cls._zone)

    @rule(
        "answered_before_requested",
        field="answered_at",
        strength="warn",
        en="A request was answered before it was made",
        zh="请求的答复时间早于提出时间",
    )
    def answered_after_requested(cls) -> pl.Expr:
        """A request is answered no earlier than it was made."""
        return not_before("answered_at", "requested_at", cls._zone)

    @rule(
        "expected_before_requested",
        field="expected_at",
        strength="warn",
        en="A request was promised for before it was made",
        zh="请求的承诺办结时间早于提出时间",
    )
    def expected_after_requested(cls) -> pl.Expr:
        """A request is promised for no earlier than it was made."""
        return not_before("expected_at", "requested_at", cls._zone)

    @rule(
        "status_closed_without_time",
        field="closed_at",
        strength="warn",
        dimension="complete",
        en="A closed request has no closing time",
        zh="已关闭的请求没有关闭时间",
    )
    def closed_has_time(cls) -> pl.Expr:
        """A closed request says when it was closed."""
        return pl.when(pl.col("status") == "closed").then(pl.col("closed_at").is_not_null())
