"""An invented morning: a city, its published file and dbt's manifest, made of plain rows that a test can change."""

from __future__ import annotations

import hashlib
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
from lake.catalogue import CATALOGUE
from reports import RunFacts, report
from reports.compose import compose
from reports.published import read_facts
from reports.site import read_published

ZONE = ZoneInfo("America/Chicago")
TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 6, 42, tzinfo=ZONE)
DIMENSIONS = ("complete", "unique", "consistent", "valid", "accurate")
UNKNOWN: dict[str, Any] = {"arrival": "missing", "set_aside_open": 0, "received": 0}
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
VIEWS = {
    "service_levels_daily": (["service_request"], "Service levels", "服务水平"),
    "response_times_daily": (["emergency_call"], "Response times", "响应时间"),
    "area_profile_monthly": (["incident", "permit", "service_request"], "Area profiles", "区域概况"),
    "data_quality_daily": ([], "Data quality", "数据质量"),
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
    tasks: list[dict[str, Any]] = field(default_factory=list)
    builds: list[tuple[str, int]] = field(default_factory=list)
    address: str | None = None

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
            "names": {"Pothole": {"zh": "路面坑洼"}, "Lamps": {"zh": "路灯"}},
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
            "received": 1000, "accepted": 900, "unchanged": 100, "duplicate": 0, "set_aside": 0, "set_aside_open": 0,
            "set_aside_replayed": 0, "measured_on": day,
            "on_time_passed": 14, "on_time_checked": 14,
        }  # fmt: skip
        for name in DIMENSIONS:
            row |= {f"{name}_passed": 990, f"{name}_checked": 1000}
        self.quality[feed_id, day] = row
        self.deliveries[feed_id, day] = {
            "feed": feed_id, "delivery_id": f"{day:%Y%m%d}T110500Z", "verdict": "accepted", "contract_version": "1.0",
            "received": 1000, "fetched_at": arrived, "loaded_at": arrived, "layout_added": "[]", "layout_removed": "[]",
            "layout_renamed": "[]", "place": CANARIES[0], "cursor_to": CANARIES[3],
            "sha256": hashlib.sha256(f"{feed_id} {day}".encode()).hexdigest(),
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
        self.quality[feed_id, day]["set_aside_open"] += count
        accepted = self.quality[feed_id, day]["accepted"]
        self.quality[feed_id, day]["accepted"] = max(0, accepted - count)

    def close(self, place: int, event: str) -> None:
        """Let one of the records that were set aside wait no more."""
        feed_id, delivery_id, rec = self.asides[place][:3]
        self.events.append((feed_id, delivery_id, rec, event))
        day = next(
            day for (feed, day), row in self.deliveries.items()
            if (feed, row["delivery_id"]) == (feed_id, delivery_id)
        )  # fmt: skip
        self.quality[feed_id, day]["set_aside_open"] -= 1
        self.quality[feed_id, day]["set_aside_replayed"] += event == "replayed"

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

    def book(self, key: str, cause: str, feed: str | None, subject: str, **changes: Any) -> None:
        """Let the lake's book hold an action, open since yesterday and due tomorrow unless `changes` say otherwise."""
        department = changes.pop("department", feed.split("__")[0] if feed else None)
        self.tasks.append({
            "action_key": key, "cause": cause, "feed": feed, "department": department,
            "owner": f"{department}-data@riverbend.example", "subject": subject, "detail": None,
            "since_date": TODAY - timedelta(days=1), "due_date": TODAY + timedelta(days=1), "severity": "normal",
            "state": "open", "opened_at": NOW - timedelta(days=1), **changes,
        })  # fmt: skip

    def _check_results(self) -> Iterable[dict[str, Any]]:
        """Yield two rules of each delivery that passed, and those that the findings say were broken."""
        failed = {(found[0], found[1], found[3], found[6]): found for found in self.findings}
        for (feed, _), delivery in self.deliveries.items():
            about = {
                "feed": feed, "delivery_id": delivery["delivery_id"], "status": "pass", "checked": 1000, "failed": 0,
                "checked_at": delivery["loaded_at"],
            }  # fmt: skip
            yield {**about, "rule": "blank", "field": "id", "dimension": "complete", "strength": "set_aside"}
            yield {**about, "rule": "row_count", "field": None, "dimension": "complete", "strength": "refuse"}
            for found in failed.values():
                if found[:2] == (feed, delivery["delivery_id"]):
                    names = ("rule", "dimension", "strength", "field", "sender_field")
                    count = sum(aside[:2] == found[:2] and found[3] in aside[4] for aside in self.asides)
                    told = dict(zip(names, found[3:8], strict=True))
                    yield {**about, **told, "status": "fail", "failed": count or 1}

    def _judge(self, connection: duckdb.DuckDBPyConnection, mart: str) -> None:
        """Write what the build would say of a mart, in the simple cases that a morning has."""
        kinds, title_en, title_zh = VIEWS[mart]
        feeds = [feed for feed, terms in self.city.feeds.items() if terms.contract in kinds]
        use, reason, about, share = self._reason(feeds)
        built_for = self.editions.get(mart, self.as_of)
        if mart in self.unpublished or built_for < self.as_of:
            use, reason = "do_not_use", "not_built" if mart in self.unpublished else "build_failed"
            about, share = [], None
        days = [day for (feed, day), row in self.quality.items() if feed in feeds and row["arrival"] == "missing"]
        known = {day for _, day in self.quality} - set(days)
        why = {"use": use, "reason": reason, "feeds": about, "waiting_share": share}
        stands = [{"feed": feed, "state": "on_time"} for feed in feeds]
        connection.execute(
            "INSERT INTO marts.mart_readiness VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [mart, title_en, title_zh, use, reason, [why], kinds, stands, max(known, default=None)],
        )
        connection.execute("INSERT INTO ops.edition VALUES (?, ?, ?, ?)", [mart, built_for, use, reason])

    def _reason(self, feeds: list[str]) -> tuple[str, str, list[str], float | None]:
        today = self.as_of.astimezone(ZONE).date()
        rows = {feed: self.quality.get((feed, today), UNKNOWN) for feed in feeds}
        came = {feed for feed, _ in self.deliveries}
        missing = [feed for feed in feeds if rows[feed]["arrival"] == "missing"]
        refused = [
            feed for feed in feeds if self.deliveries.get((feed, today), {"verdict": None})["verdict"] == "refused"
        ]
        if feeds and not came & set(feeds):
            return "do_not_use", "nothing_yet", [], None
        for reason, out in (("missing", missing), ("refused", refused)):
            if critical := [feed for feed in out if self.city.feeds[feed].critical]:
                return "do_not_use", reason, critical, None
        for reason, out in (("missing", missing), ("refused", refused)):
            if out:
                return "care", reason, out, None
        shares = {feed: row["set_aside_open"] / row["received"] for feed, row in rows.items() if row["received"]}
        if worst := [feed for feed, share in shares.items() if share > 0.05]:
            return "care", "set_aside", worst, shares[worst[0]]
        late = [feed for feed in feeds if rows[feed]["arrival"] == "late"]
        return ("ready", "late", late, None) if late else ("ready", "all_in", [], None)

    @property
    def published(self) -> Path:
        """Where the published file lies."""
        return self.folder / "marts.duckdb"

    @property
    def out(self) -> Path:
        """Where the site is published."""
        return self.folder / "site"

    def run(self) -> RunFacts:
        """The run that makes the report."""
        return RunFacts(
            run_id=self.run_id, logical_at=NOW.astimezone(UTC),
            started_at=NOW - timedelta(minutes=42), finished_at=NOW,
            trigger="schedule", code_version="0.1.0", status=self.status, address=self.address,  # type: ignore[arg-type]
        )  # fmt: skip

    def report(self) -> dict[str, Any]:
        """Make report.json of this morning, without publishing it."""
        self.write()
        facts = read_facts(self.published, ZONE)
        return compose(self.city, facts, self.run(), read_published(self.out))

    def publish(self) -> Path:
        """Publish the site of this morning and return its folder."""
        self.write()
        return report(self.published, self.city, self.run(), self.out).parent

    def write(self) -> Morning:
        """Write the published file."""
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
                connection.execute(SERVICE_LEVELS, {"area": area, "day": self.as_of.date()})
            connection.execute("INSERT INTO marts.response_times_daily VALUES (?)", [self.as_of.date()])
            _insert(connection, "ops.action", self.tasks)
            _insert(connection, "ops.check_result", self._check_results())
            for event in self.events:
                connection.execute("INSERT INTO ops.set_aside_event VALUES (?, ?, ?, ?)", event)
            for mart in self.unpublished:
                connection.execute(f"DROP TABLE marts.{mart}")
            for mart in VIEWS:
                self._judge(connection, mart)
            _insert(connection, "ops.catalogue_table", CATALOGUE_TABLES)
            _insert(connection, "ops.catalogue_column", CATALOGUE_COLUMNS)
            connection.execute(
                "INSERT INTO ops.run VALUES (?, 'build', 'build', NULL, 'success', ?, ?, ?)",
                [self.run_id, CANARIES[0], self.as_of - timedelta(minutes=9), self.as_of],
            )
            for run_id, days_ago in self.builds:
                ended = self.as_of - timedelta(days=days_ago)
                connection.execute(
                    "INSERT INTO ops.run VALUES (?, 'build', 'build', NULL, 'success', '', ?, ?)",
                    [run_id, ended - timedelta(minutes=9), ended],
                )
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


def _tables(connection: duckdb.DuckDBPyConnection) -> None:
    measures = ", ".join(f"{name}_passed BIGINT, {name}_checked BIGINT" for name in (*DIMENSIONS, "on_time"))
    connection.execute(f"""
        CREATE SCHEMA marts; CREATE SCHEMA ops;
        CREATE TABLE marts.data_quality_daily (feed VARCHAR, department VARCHAR, day DATE, arrival VARCHAR,
            due_at TIMESTAMPTZ, arrived_at TIMESTAMPTZ, minutes_late BIGINT, received BIGINT, accepted BIGINT,
            unchanged BIGINT, duplicate BIGINT, set_aside BIGINT, set_aside_open BIGINT,
            set_aside_replayed BIGINT, measured_on DATE, {measures});
        CREATE TABLE marts.service_levels_daily (area_code VARCHAR, service_name VARCHAR, day DATE,
            due_count BIGINT, due_on_time_count BIGINT, strict_due_count BIGINT, strict_due_on_time_count BIGINT,
            backlog_count BIGINT, open_overdue_count BIGINT);
        CREATE TABLE marts.response_times_daily (day DATE);
        CREATE TABLE marts.area_profile_monthly (area_code VARCHAR, area_name VARCHAR, month DATE,
            lamp_post_count BIGINT, station_day_count BIGINT, reporting_day_count BIGINT, request_count BIGINT,
            issued_permit_count BIGINT, inspection_count BIGINT, inspection_failed_count BIGINT, population BIGINT,
            requests_per_10k DOUBLE, incidents_per_10k DOUBLE, due_on_time_share DOUBLE,
            inspection_failed_share DOUBLE, requests_placed_share DOUBLE, issued_permits_placed_share DOUBLE);
        INSERT INTO marts.area_profile_monthly (area_code, area_name, month, lamp_post_count, station_day_count,
            reporting_day_count) VALUES ('1', 'Northfield', '2026-11-01', 4, 22, 21),
            ('2', 'Quayside', '2026-11-01', 3, NULL, NULL), ('3', 'Hillside', '2026-11-01', NULL, NULL, NULL);
        CREATE TABLE ops.delivery (feed VARCHAR, delivery_id VARCHAR, verdict VARCHAR, contract_version VARCHAR,
            received BIGINT, fetched_at TIMESTAMPTZ, loaded_at TIMESTAMPTZ, layout_added VARCHAR,
            layout_removed VARCHAR, layout_renamed VARCHAR, place VARCHAR, cursor_to VARCHAR, sha256 VARCHAR);
        CREATE TABLE ops.finding (feed VARCHAR, delivery_id VARCHAR, rec BIGINT, rule VARCHAR, dimension VARCHAR,
            strength VARCHAR, field VARCHAR, sender_field VARCHAR, example VARCHAR, expected VARCHAR,
            message VARCHAR, found_at TIMESTAMPTZ);
        CREATE TABLE ops.set_aside (feed VARCHAR, delivery_id VARCHAR, rec BIGINT, record_key VARCHAR,
            reasons VARCHAR, set_aside_at TIMESTAMPTZ);
        CREATE TABLE ops.set_aside_event (feed VARCHAR, delivery_id VARCHAR, rec BIGINT, event VARCHAR);
        CREATE TABLE ops.run (run_id VARCHAR, dag_id VARCHAR, step VARCHAR, feed VARCHAR, state VARCHAR,
            message VARCHAR, started_at TIMESTAMPTZ, finished_at TIMESTAMPTZ);
        CREATE TABLE ops.action (action_key VARCHAR, cause VARCHAR, feed VARCHAR, department VARCHAR, owner VARCHAR,
            subject VARCHAR, detail VARCHAR, since_date DATE, due_date DATE, severity VARCHAR, state VARCHAR,
            opened_at TIMESTAMPTZ, escalated_at TIMESTAMPTZ, closed_at TIMESTAMPTZ, assigned_to VARCHAR,
            acknowledged_at TIMESTAMPTZ, acknowledged_by VARCHAR, accepted_at TIMESTAMPTZ, accepted_by VARCHAR,
            due_set_by VARCHAR, note VARCHAR);
        CREATE TABLE ops.check_result (feed VARCHAR, delivery_id VARCHAR, rule VARCHAR, field VARCHAR,
            sender_field VARCHAR, dimension VARCHAR, strength VARCHAR, status VARCHAR, checked BIGINT, failed BIGINT,
            checked_at TIMESTAMPTZ);
        {"".join(f"CREATE TABLE ops.{name} ({columns});" for name, columns in CATALOGUE.items())}
        CREATE TABLE ops.edition (mart VARCHAR, built_for TIMESTAMPTZ, use VARCHAR, reason VARCHAR);
        CREATE TABLE marts.mart_readiness (mart VARCHAR, title_en VARCHAR, title_zh VARCHAR, use VARCHAR,
            reason VARCHAR,
            reasons STRUCT("use" VARCHAR, reason VARCHAR, feeds VARCHAR[], waiting_share DOUBLE)[], kinds VARCHAR[],
            feeds STRUCT(feed VARCHAR, state VARCHAR)[], last_good_date DATE);
        INSERT INTO ops.edition VALUES ('mart_readiness', now(), 'ready', 'no_feed');""")


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Iterable[dict[str, Any]]) -> None:
    frame = pl.DataFrame(list(rows), infer_schema_length=None)
    if len(frame):
        connection.register("rows", frame)
        connection.execute(f"INSERT INTO {table} BY NAME FROM rows")


CATALOGUE_TABLES: list[dict[str, Any]] = [
    {
        "table_schema": "marts", "table_name": "service_levels_daily", "question": "services",
        "title_en": "Service levels", "title_zh": "服务水平",
        "description_en": "How well does each service keep its promises? One row for each area and day.",
        "description_zh": "各项服务是否守约？每个区域每天一行。", "row_key": ["area_code", "day"],
        "reads": ["intermediate.int_services", "staging.stg_service_request"],
        "tests": [{"rule": "one_row_for_each", "about": "area_code, day"}, {"rule": "filled", "about": "day"}],
        "row_count": 3,
    },
    {
        "table_schema": "intermediate", "table_name": "int_services", "question": None, "title_en": None,
        "title_zh": None, "description_en": "One row for each service.", "description_zh": None, "row_key": [],
        "reads": ["staging.stg_service_request", "ops.delivery"], "tests": [], "row_count": None,
    },
    {
        "table_schema": "ops", "table_name": "delivery", "question": "ledger", "title_en": "Deliveries",
        "title_zh": "交付台账", "description_en": "One row for each delivery.", "description_zh": "每次交付一行。",
        "row_key": [], "reads": [], "tests": [], "row_count": 120,
    },
    {
        "table_schema": "records", "table_name": "service_request", "question": "records",
        "title_en": "Service requests", "title_zh": "服务请求", "description_en": "One row for each request.",
        "description_zh": "每个请求一行。", "row_key": [], "reads": [], "tests": [], "row_count": None,
    },
]  # fmt: skip
"""What the build says of a few tables: a mart, what it is made of, the ledger, and a kind of record."""


def _catalogue_column(place: str, number: int, type: str | None, en: str, zh: str, **more: Any) -> dict[str, Any]:
    schema, table, name = place.split(".")
    plain = {"allowed": [], "classification": "public", "privacy": None, "blank_count": None}
    return {
        "table_schema": schema, "table_name": table, "column_number": number, "column_name": name, "data_type": type,
        "description_en": en, "description_zh": zh, **plain, **more,
    }  # fmt: skip


CATALOGUE_COLUMNS = [
    _catalogue_column("marts.service_levels_daily.area_code", 1, "VARCHAR", "Area.", "区域", blank_count=1),
    _catalogue_column("marts.service_levels_daily.day", 2, "DATE", "Local day.", "当地日期", blank_count=0),
    _catalogue_column("ops.delivery.feed", 1, "VARCHAR", "The feed.", "来源", blank_count=0),
    _catalogue_column(
        "ops.delivery.verdict", 2, "VARCHAR", "What was judged.", "判定", allowed=["accepted", "refused"], blank_count=0
    ),
    _catalogue_column("records.service_request.request_id", 1, "VARCHAR", "Number.", "编号"),
    _catalogue_column(
        "records.service_request.requester_phone", 2, "VARCHAR", "Requester's phone.", "请求人电话",
        classification="personal", privacy="pseudonym",
    ),
    _catalogue_column(
        "records.service_request.requester_name", 3, None, "Requester's name.", "请求人姓名",
        classification="personal", privacy="drop",
    ),
]  # fmt: skip
SERVICE_LEVELS = """
    INSERT INTO marts.service_levels_daily
    SELECT $area, service_name, day::DATE, due, due - late, due, due - late - 1, 7, late
    FROM (VALUES ('Pothole', 12, 6), ('Graffiti <b>removal', 10, 1), ('Fallen tree', 4, 0))
            AS services (service_name, due, late),
        generate_series($day::DATE - 40, $day::DATE, INTERVAL 1 DAY) AS days (day)"""
