"""An invented morning: a city, its published file and dbt's manifest, made of plain rows that a test can change."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
import yaml

from cities import City, read_city
from reports import RunFacts, report
from reports.compose import compose
from reports.lineage import read_views
from reports.published import read_facts
from reports.site import read_published

ZONE = ZoneInfo("America/Chicago")
TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 6, 42, tzinfo=ZONE)
DIMENSIONS = ("complete", "unique", "consistent", "valid", "accurate")
CANARIES = ("Wilhelmina Canary", "312-555-0199", "canary@home.example", "KEY-77-CANARY")

DEPARTMENTS = {
    "streets": (
        {"en": "Streets", "zh": "街道"},
        {"requests": ({"en": "Street requests", "zh": "街道诉求"}, "service_request", 3, True)},
    ),
    "police": (
        {"en": "Police", "zh": "警务"},
        {
            "incidents": ({"en": "Police incidents", "zh": "警情记录"}, "incident", 2, False),
            "calls": ({"en": "Emergency calls", "zh": "紧急呼叫"}, "emergency_call", 3, False),
        },
    ),
    "permits": (
        {"en": "Building Permits", "zh": "建筑许可"},
        {"permits": ({"en": "Permits", "zh": "许可"}, "permit", 1, False)},
    ),
}
MODELS = {
    "service_levels_daily": ("marts", ["stg_service_request", "int_dates"], {"en": "Service levels", "zh": "服务水平"}),
    "response_times_daily": ("marts", ["stg_emergency_call"], {"en": "Response times", "zh": "响应时间"}),
    "area_profile_monthly": (
        "marts",
        ["stg_service_request", "stg_incident", "stg_permit"],
        {"en": "Area profiles", "zh": "区域概况"},
    ),
    "data_quality_daily": ("marts", ["int_dates"], {"en": "Data quality", "zh": "数据质量"}),
    "int_dates": ("intermediate", ["stg_permit", "stg_incident"], {}),
}


@dataclass
class Morning:
    """Rows of one morning; each method makes one thing go wrong."""

    folder: Path
    days: int = 30
    departments: dict[str, Any] = field(default_factory=lambda: DEPARTMENTS)
    status: str = "ok"
    as_of: datetime = NOW
    run_id: str = "20261123T114200Z"
    quality: dict[tuple[str, date], dict[str, Any]] = field(default_factory=dict)
    deliveries: dict[tuple[str, date], dict[str, Any]] = field(default_factory=dict)
    asides: list[tuple[Any, ...]] = field(default_factory=list)
    findings: list[tuple[Any, ...]] = field(default_factory=list)
    editions: dict[str, datetime] = field(default_factory=dict)
    areas: tuple[str, ...] = ("1", "2", "3")
    events: list[tuple[Any, ...]] = field(default_factory=list)
    unpublished: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.city = self._write_city()
        first = self.as_of.astimezone(ZONE).date() - timedelta(days=self.days - 1)
        for feed_id in self.city.feeds:
            for back in range(self.days):
                self._arrive(feed_id, first + timedelta(days=back))

    def _write_city(self) -> City:
        folder = self.folder / "riverbend"
        folder.mkdir(parents=True, exist_ok=True)
        settings = {
            "title": {"en": "Riverbend", "zh": "河湾市"},
            "time_zone": "America/Chicago",
            "languages": ["en", "zh"],
            "areas": {"kind": {"en": "District", "zh": "区"}, "codes": ["1", "2", "3"]},
            "contact": {"name": "Data Office", "email": "data@riverbend.example"},
        }
        (folder / "city.yml").write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
        for name, (title, feeds) in self.departments.items():
            told = {
                "title": title,
                "steward": f"{name}-data@riverbend.example",
                "schedule": "0 5 * * *",
                "legal_basis": "Municipal Code 2-100",
                "feeds": {feed: self._feed(*terms) for feed, terms in feeds.items()},
            }
            (folder / f"{name}.yml").write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
        return read_city(str(folder))

    def _feed(self, title: dict[str, str], contract: str, matters: int, critical: bool) -> dict[str, Any]:
        return {
            "title": title, "contract": contract, "system": "csv", "url": "http://127.0.0.1:1/feed.csv", "due": "06:30",
            "matters": matters, "critical": critical, "fields": {"some_id": "id"},
        }  # fmt: skip

    def _arrive(self, feed_id: str, day: date) -> None:
        arrived = datetime.combine(day, time(6, 5), ZONE)
        row: dict[str, Any] = {
            "feed": feed_id, "department": feed_id.split("__")[0], "day": day, "arrival": "on_time",
            "due_at": datetime.combine(day, time(6, 30), ZONE), "arrived_at": arrived, "minutes_late": None,
            "received": 1000, "accepted": 900, "unchanged": 100, "duplicate": 0, "set_aside": 0, "measured_on": day,
            "on_time_passed": 14, "on_time_checked": 14,
        }  # fmt: skip
        for name in DIMENSIONS:
            row |= {f"{name}_passed": 990, f"{name}_checked": 1000}
        self.quality[feed_id, day] = row
        self.deliveries[feed_id, day] = {
            "feed": feed_id, "delivery_id": f"{day:%Y%m%d}T110500Z", "verdict": "accepted", "contract_version": "1.0",
            "received": 1000, "fetched_at": arrived, "layout_added": "[]", "layout_removed": "[]",
            "layout_renamed": "[]", "place": CANARIES[0], "cursor_to": CANARIES[3],
        }  # fmt: skip

    def missing(self, feed_id: str, days: int = 1) -> None:
        """Let a feed not come on its last days."""
        for back in range(days):
            day = TODAY - timedelta(days=back)
            before = self.quality.get((feed_id, TODAY - timedelta(days=days)), {}).get("measured_on")
            self.quality[feed_id, day] |= {
                "arrival": "missing", "arrived_at": None, "received": 0, "accepted": 0, "unchanged": 0,
                "measured_on": before, "on_time_passed": max(0, 14 - days + back),
            }  # fmt: skip
            if before is None:
                self.unmeasured(feed_id, *DIMENSIONS)
            self.deliveries.pop((feed_id, day))

    def late(self, feed_id: str, minutes: int) -> None:
        """Let a feed come late today."""
        row = self.quality[feed_id, TODAY]
        arrived = row["due_at"] + timedelta(minutes=minutes)
        row |= {"arrival": "late", "minutes_late": minutes, "arrived_at": arrived, "on_time_passed": 13}
        self.deliveries[feed_id, TODAY]["fetched_at"] = arrived

    def unmeasured(self, feed_id: str, *dimensions: str) -> None:
        """Let nobody measure dimensions of a feed."""
        for (feed, _), row in self.quality.items():
            if feed == feed_id:
                for name in dimensions:
                    row |= {f"{name}_passed": None, f"{name}_checked": None}

    def worse(self, feed_id: str, dimension: str, passed: int) -> None:
        """Let only `passed` of 1,000 pass today."""
        self.quality[feed_id, TODAY][f"{dimension}_passed"] = passed

    def set_aside(
        self, feed_id: str, rule: str, field: str, count: int, example: str | None, dimension: str, days_ago: int = 0
    ) -> None:
        """Set records of a day aside, each with a personal-looking key that no report may show."""
        day, at = TODAY - timedelta(days=days_ago), NOW - timedelta(days=days_ago)
        delivery_id = self.deliveries[feed_id, day]["delivery_id"]
        reasons = [{"rule": rule, "field": field, "sender_field": f"sent_{field}", "example": example}]
        start = len(self.asides)
        for rec in range(start, start + count):
            key = f"{CANARIES[3]}-{rec - start}"
            self.asides.append((feed_id, delivery_id, rec, key, json.dumps([*reasons, *reasons]), at))
        found = (
            feed_id,
            delivery_id,
            start,
            rule,
            dimension,
            "set_aside",
            field,
            f"sent_{field}",
            example,
            CANARIES[0],
        )
        self.findings.append((*found, CANARIES[1], at))
        self.quality[feed_id, day]["set_aside"] += count
        accepted = self.quality[feed_id, day]["accepted"]
        self.quality[feed_id, day]["accepted"] = max(0, accepted - count)

    def refuse(self, feed_id: str, rule: str, renamed: list[list[str]], days: int = 1) -> None:
        """Refuse a feed's deliveries of its last days for a changed layout."""
        for back in range(days):
            day = TODAY - timedelta(days=back)
            change = {"verdict": "refused", "layout_renamed": json.dumps(renamed)}
            self.deliveries[feed_id, day] |= change
            self.quality[feed_id, day] |= {"accepted": 0, "unchanged": 0}
        delivery_id = self.deliveries[feed_id, TODAY]["delivery_id"]
        found = (feed_id, delivery_id, None, rule, "consistent", "refuse", None, None, None, None)
        self.findings.append((*found, CANARIES[2], NOW))

    @property
    def published(self) -> Path:
        """Where the published file lies."""
        return self.folder / "marts.duckdb"

    @property
    def manifest(self) -> Path:
        """Where dbt's manifest lies."""
        return self.folder / "manifest.json"

    @property
    def out(self) -> Path:
        """Where the site is published."""
        return self.folder / "site"

    def run(self) -> RunFacts:
        """The run that makes the report."""
        return RunFacts(
            run_id=self.run_id, logical_at=NOW.astimezone(UTC), started_at=NOW - timedelta(minutes=42), finished_at=NOW,
            trigger="schedule", code_version="0.1.0", status=self.status,  # type: ignore[arg-type]
        )  # fmt: skip

    def report(self) -> dict[str, Any]:
        """Make report.json of this morning, without publishing it."""
        self.write()
        facts = read_facts(self.published, ZONE)
        return compose(self.city, facts, read_views(self.manifest, self.city), self.run(), read_published(self.out))

    def publish(self) -> Path:
        """Publish the site of this morning and return its folder."""
        self.write()
        return report(self.published, self.manifest, self.city, self.run(), self.out).parent

    def write(self) -> Morning:
        """Write the published file and the manifest."""
        self.published.unlink(missing_ok=True)
        with duckdb.connect() as connection:
            connection.execute(f"ATTACH '{self.published}' AS made; USE made")
            _tables(connection)
            _insert(connection, "marts.data_quality_daily", self.quality.values())
            _insert(connection, "ops.delivery", self.deliveries.values())
            if self.asides:
                connection.executemany("INSERT INTO ops.set_aside VALUES (?, ?, ?, ?, ?, ?)", self.asides)
            if self.findings:
                connection.executemany(f"INSERT INTO ops.finding VALUES ({', '.join('?' * 12)})", self.findings)
            for area in self.areas:
                connection.execute("INSERT INTO marts.service_levels_daily VALUES (?, ?)", [area, self.as_of.date()])
            connection.execute("INSERT INTO marts.response_times_daily VALUES (?)", [self.as_of.date()])
            for event in self.events:
                connection.execute("INSERT INTO ops.set_aside_event VALUES (?, ?, ?, ?)", event)
            for mart in self.unpublished:
                connection.execute(f"DROP TABLE marts.{mart}")
            for mart in ("service_levels_daily", "response_times_daily", "area_profile_monthly", "data_quality_daily"):
                connection.execute("INSERT INTO ops.edition VALUES (?, ?)", [mart, self.editions.get(mart, self.as_of)])
            connection.execute(
                "INSERT INTO ops.run VALUES (?, 'build', 'build', NULL, 'success', ?, ?, ?)",
                [self.run_id, CANARIES[0], self.as_of - timedelta(minutes=9), self.as_of],
            )
        self.manifest.write_text(json.dumps(manifest()), encoding="utf-8")
        return self


def bad_morning(tmp_path: Path) -> Morning:
    """A morning on which much went wrong: feeds missing, late and refused, records set aside."""
    morning = Morning(tmp_path)
    morning.missing("streets__requests", 2)
    morning.late("police__calls", 48)
    morning.set_aside("police__incidents", "blank", "category", 31, None, "complete")
    morning.set_aside("police__calls", "unknown_area", "area_code", 14, "Z9 <b>&", "consistent")
    morning.refuse("permits__permits", "layout_removed", [["addr", "site_address"], ["<i>fee", "fee_due"]], 3)
    morning.unmeasured("permits__permits", "accurate")
    morning.areas = ("1",)
    return morning


def manifest() -> dict[str, Any]:
    """Return the part of dbt's manifest (v12) that a report reads."""
    kinds = ("service_request", "incident", "emergency_call", "permit")
    sources = {
        f"source.civiclake.records.{kind}": {"resource_type": "source", "source_name": "records", "name": kind}
        for kind in kinds
    }
    nodes = {
        f"model.civiclake.stg_{kind}": _node(f"stg_{kind}", "staging", [f"source.civiclake.records.{kind}"], {})
        for kind in kinds
    }
    for name, (schema, parents, title) in MODELS.items():
        nodes[f"model.civiclake.{name}"] = _node(name, schema, [f"model.civiclake.{one}" for one in parents], title)
    return {"nodes": nodes, "sources": sources}


def _node(name: str, schema: str, parents: list[str], title: dict[str, str]) -> dict[str, Any]:
    meta = {"title": title} if title else {"carries_no_records": name == "int_dates"}
    return {
        "unique_id": f"model.civiclake.{name}", "name": name, "resource_type": "model", "schema": schema,
        "depends_on": {"nodes": parents}, "config": {"meta": meta},
    }  # fmt: skip


def _tables(connection: duckdb.DuckDBPyConnection) -> None:
    measures = ", ".join(f"{name}_passed BIGINT, {name}_checked BIGINT" for name in (*DIMENSIONS, "on_time"))
    connection.execute(f"""
        CREATE SCHEMA marts; CREATE SCHEMA ops;
        CREATE TABLE marts.data_quality_daily (feed VARCHAR, department VARCHAR, day DATE, arrival VARCHAR,
            due_at TIMESTAMPTZ, arrived_at TIMESTAMPTZ, minutes_late BIGINT, received BIGINT, accepted BIGINT,
            unchanged BIGINT, duplicate BIGINT, set_aside BIGINT, measured_on DATE, {measures});
        CREATE TABLE marts.service_levels_daily (area_code VARCHAR, day DATE);
        CREATE TABLE marts.response_times_daily (day DATE);
        CREATE TABLE marts.area_profile_monthly (area_code VARCHAR, area_name VARCHAR, month DATE,
            lamp_post_count BIGINT, station_day_count BIGINT, reporting_day_count BIGINT);
        INSERT INTO marts.area_profile_monthly VALUES ('1', 'Northfield', '2026-11-01', 4, 22, 21),
            ('2', 'Quayside', '2026-11-01', 3, NULL, NULL), ('3', 'Hillside', '2026-11-01', NULL, NULL, NULL);
        CREATE TABLE ops.delivery (feed VARCHAR, delivery_id VARCHAR, verdict VARCHAR, contract_version VARCHAR,
            received BIGINT, fetched_at TIMESTAMPTZ, layout_added VARCHAR, layout_removed VARCHAR,
            layout_renamed VARCHAR, place VARCHAR, cursor_to VARCHAR);
        CREATE TABLE ops.finding (feed VARCHAR, delivery_id VARCHAR, rec BIGINT, rule VARCHAR, dimension VARCHAR,
            strength VARCHAR, field VARCHAR, sender_field VARCHAR, example VARCHAR, expected VARCHAR,
            message VARCHAR, found_at TIMESTAMPTZ);
        CREATE TABLE ops.set_aside (feed VARCHAR, delivery_id VARCHAR, rec BIGINT, record_key VARCHAR,
            reasons VARCHAR, set_aside_at TIMESTAMPTZ);
        CREATE TABLE ops.set_aside_event (feed VARCHAR, delivery_id VARCHAR, rec BIGINT, event VARCHAR);
        CREATE TABLE ops.run (run_id VARCHAR, dag_id VARCHAR, step VARCHAR, feed VARCHAR, state VARCHAR,
            message VARCHAR, started_at TIMESTAMPTZ, finished_at TIMESTAMPTZ);
        CREATE TABLE ops.edition (mart VARCHAR, built_for TIMESTAMPTZ);""")


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[dict[str, Any]]) -> None:
    frame = pl.DataFrame(list(rows), infer_schema_length=None)
    if len(frame):
        connection.register("rows", frame)
        connection.execute(f"INSERT INTO {table} BY NAME FROM rows")
