"""A small city for tests, and deliveries written by hand in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from cities import City, read_city
from contracts import Verdict, check
from extractors.delivery import KeptPage, Receipt, Span
from extractors.source import Layout

REQUEST_FIELDS: dict[str, Any] = {
    "request_id": "sr_number",
    "requested_at": "created_date",
    "updated_at": "last_modified_date",
    "closed_at": "closed_date",
    "status": {"from": "status", "values": {"Open": "open", "Completed": "closed", "Canceled": "cancelled"}},
    "service_code": "sr_short_code",
    "description": "details",
    "is_duplicate": "duplicate",
    "area_code": "community_area",
    "latitude": "latitude",
    "longitude": "longitude",
    "address": "street_address",
    "requester_name": "caller_name",
    "requester_phone": "caller_phone",
    "requester_email": "caller_email",
}
REQUEST: dict[str, Any] = {
    "sr_number": "SR24-00000001",
    "created_date": "2026-11-20T08:15:00.000",
    "last_modified_date": "2026-11-21T09:00:00.000",
    "closed_date": "2026-11-21T09:00:00.000",
    "status": "Completed",
    "sr_short_code": "SFD",
    "details": "Street light out near the school",
    "duplicate": False,
    "community_area": "32",
    "latitude": "41.881234",
    "longitude": "-87.623456",
    "street_address": "121 N LaSalle St",
    "caller_name": "Mary Ellen Smith",
    "caller_phone": "312-555-0199",
    "caller_email": "mary.smith@mail.example",
}


def request(number: int, **changed: Any) -> dict[str, Any]:
    """Return a good service request, changed as told; None leaves a field out."""
    record = {**REQUEST, "sr_number": f"SR24-{number:08}", **changed}
    return {name: value for name, value in record.items() if value is not None}


def make_city(folder: Path, feed: dict[str, Any]) -> City:
    """Write and read a city of one department `streets` with one feed `requests`."""
    folder.mkdir(parents=True, exist_ok=True)
    terms = {
        "title": {"en": "Feed"},
        "contract": "service_request",
        "system": "socrata",
        "due": "06:30",
        "url": "http://127.0.0.1:1/x.json",
        "fields": REQUEST_FIELDS,
    }
    city = {
        "title": {"en": "Town"},
        "time_zone": "America/Chicago",
        "contact": {"name": "A", "email": "a@city.example"},
        "areas": {"kind": {"en": "area"}, "codes": ["32", "33"]},
    }
    department = {
        "title": {"en": "Streets"},
        "steward": "s@city.example",
        "schedule": "0 5 * * *",
        "legal_basis": "Code 1",
        "feeds": {"requests": {**terms, **feed}},
    }
    (folder / "city.yml").write_text(yaml.safe_dump(city))
    (folder / "streets.yml").write_text(yaml.safe_dump(department))
    return read_city(str(folder))


class Office:
    """A data office to try deliveries on."""

    def __init__(self, folder: Path, **feed: Any) -> None:
        self.folder = folder
        self.city = make_city(folder / "city", feed)
        self.feed = self.city.feeds["streets__requests"]

    def deliver(
        self,
        pages: Sequence[Any],
        delivery_id: str = "20261123T120000Z",
        source_count: int | None = None,
        asked: dict[str, Any] | None = None,
        **layout: Any,
    ) -> Path:
        """Keep pages (lists of records, or bytes) as a delivery; `asked` is what its receipt says of the question."""
        place = self.folder / "deliveries" / "streets__requests" / delivery_id
        (place / "pages").mkdir(parents=True)
        kept = []
        for number, page in enumerate(pages):
            body = page if isinstance(page, bytes) else json.dumps(page, ensure_ascii=False).encode()
            name = f"{number:05}.page"
            (place / "pages" / name).write_bytes(body)
            size = len(page) if isinstance(page, list) else None
            kept.append(KeptPage(name=name, bytes=len(body), records=size, sha256=hashlib.sha256(body).hexdigest()))
        counted = None if any(page.records is None for page in kept) else sum(page.records or 0 for page in kept)
        receipt = Receipt(
            feed="streets__requests",
            delivery_id=delivery_id,
            system="socrata",
            fetched_at="2026-11-23T12:00:00Z",
            finished_at="2026-11-23T12:00:30Z",
            window=Span(),
            cursor_from=None,
            cursor_to=None,
            moves_cursor=True,
            complete_snapshot=False,
            pages=kept,
            records=counted,
            source_count=source_count,
            http_calls=1,
            retries=0,
            bytes=sum(page.bytes for page in kept),
            layout=Layout(**{"format": "json", **layout}),
            sha256=hashlib.sha256("".join(page.sha256 for page in kept).encode()).hexdigest(),
            **(asked or {}),
        )
        (place / "receipt.json").write_text(receipt.model_dump_json())
        return place

    def check(self, delivery: Path) -> Checked:
        """Check a delivery and read back what was written."""
        return Checked(check(delivery, "streets__requests", self.feed, self.city), delivery / "checked")

    def judge(self, pages: Sequence[Any], **terms: Any) -> Checked:
        """Deliver and check."""
        return self.check(self.deliver(pages, **terms))


class Checked:
    """What a check wrote."""

    def __init__(self, verdict: Verdict, folder: Path) -> None:
        self.verdict, self.folder = verdict, folder

    @property
    def accepted(self) -> pl.DataFrame:
        return pl.concat([pl.read_parquet(path) for path in sorted(self.folder.glob("accepted-*.parquet"))])

    @property
    def text(self) -> str:
        """All that was written, as text."""
        tables = [pl.read_parquet(path) for path in sorted(self.folder.glob("*.parquet"))]
        return "\n".join([str(table.rows()) for table in tables] + [(self.folder / "verdict.json").read_text()])

    def table(self, name: str) -> list[dict[str, Any]]:
        return pl.read_parquet(self.folder / f"{name}.parquet").to_dicts()

    def found(self, rule: str) -> list[dict[str, Any]]:
        return [row for row in self.table("findings") if row["rule"] == rule]
