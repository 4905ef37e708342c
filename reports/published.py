"""Reads the published DuckDB file: the only place where reports ask with SQL."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from reports.facts import (
    DIMENSIONS,
    Aside,
    BuildRun,
    Facts,
    FeedDay,
    LastDelivery,
    Measure,
    ReportError,
    Sensors,
    Table,
)

HISTORY_DAYS = 90
QUALITY = "data_quality_daily"
PLACES = "area_profile_monthly"


def read_facts(published: Path, zone: ZoneInfo) -> Facts:
    """Read the published file (read-only, without access to any other file); instants come back in the city's zone.

    Raises ReportError where the file lacks the tables that every build publishes.
    """
    if not published.exists():
        return Facts()
    with duckdb.connect() as connection:
        _open(connection, published, zone)
        try:
            return _read(_Reader(connection, zone))
        except duckdb.CatalogException as error:
            told = str(error).splitlines()[0]
            raise ReportError(f"{published}: {told}; build the marts again with this version") from None


def _open(connection: duckdb.DuckDBPyConnection, published: Path, zone: ZoneInfo) -> None:
    """Attach the file under a name of its own: one called marts.duckdb would hide its schema `marts`."""
    place = str(published).replace("'", "''")
    connection.execute(f"ATTACH '{place}' AS published (READ_ONLY); USE published")
    connection.execute(f"SET TimeZone = '{zone.key}'; SET enable_external_access = false")


class _Reader:
    """Asks the published file and gives rows whose instants are in the city's zone."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, zone: ZoneInfo) -> None:
        self._connection = connection
        self._zone = zone

    def rows(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        answer = self._connection.execute(sql, values or None)
        names = [column[0] for column in answer.description or []]
        return [dict(zip(names, map(self._local, row), strict=True)) for row in answer.fetchall()]

    def _local(self, value: Any) -> Any:
        return value.astimezone(self._zone) if isinstance(value, datetime) else value


def _read(ask: _Reader) -> Facts:
    editions: dict[str, datetime] = {row["mart"]: row["built_for"] for row in ask.rows("FROM ops.edition")}
    if QUALITY not in editions:
        return Facts()
    as_of = editions[QUALITY]
    day = as_of.date()
    return Facts(
        as_of=as_of,
        clock=max(editions.values()),
        history=_history(ask, day),
        deliveries=_deliveries(ask),
        asides=_asides(ask, day),
        tables={row["table_name"]: _table(ask, row, editions) for row in ask.rows(COLUMNS)},
        area_names=_area_names(ask) if PLACES in editions else {},
        sensors=_sensors(ask) if PLACES in editions else Sensors(0, ()),
        builds=tuple(BuildRun(**row) for row in ask.rows(BUILDS)),
    )


_DAYS = {name: "day" if name == "on_time" else "measured_on" for name in DIMENSIONS}
_MEASURES = ", ".join(
    f"{{'passed': {name}_passed, 'checked': {name}_checked, 'as_of': {day}}} AS {name}" for name, day in _DAYS.items()
)
HISTORY = f"""
    SELECT feed, day, arrival, arrived_at, minutes_late, received, accepted + unchanged AS loaded, set_aside,
        {_MEASURES}
    FROM marts.{QUALITY} WHERE day BETWEEN $first AND $day ORDER BY feed, day"""
DELIVERIES = """
    WITH numbered AS (
        SELECT *, fetched_at::DATE AS day,
            max(fetched_at) FILTER (verdict = 'accepted') OVER (PARTITION BY feed) AS accepted_at,
            row_number() OVER (PARTITION BY feed ORDER BY fetched_at DESC, delivery_id DESC) AS place_from_last
        FROM ops.delivery
    ), refusals AS (
        SELECT feed, min(day) AS refused_since FROM numbered
        WHERE verdict = 'refused' AND (accepted_at IS NULL OR fetched_at > accepted_at) GROUP BY feed
    ), broken AS (
        SELECT feed, delivery_id, min(rule) FILTER (strength = 'refuse') AS refused_because,
            list(DISTINCT sender_field ORDER BY sender_field) FILTER (rule = 'retyped') AS retyped
        FROM ops.finding GROUP BY ALL
    )
    SELECT feed, day, contract_version, verdict = 'refused' AS is_refused, refused_since, refused_because,
        layout_added, layout_removed, layout_renamed, retyped
    FROM numbered LEFT JOIN refusals USING (feed) LEFT JOIN broken USING (feed, delivery_id)
    WHERE place_from_last = 1"""
ASIDES = """
    WITH firsts AS (
        SELECT feed, delivery_id, rec, event.rec IS NULL AS is_open,
            min(set_aside_at::DATE) OVER (PARTITION BY feed, coalesce(record_key, rec || delivery_id)) AS seen,
            coalesce(json_extract_string(reasons, '$[0].rule'), 'no_reason') AS rule,
            coalesce(json_extract_string(reasons, '$[0].field'), '') AS field,
            json_extract_string(reasons, '$[0].sender_field') AS sender_field,
            json_extract_string(reasons, '$[0].example') AS example
        FROM ops.set_aside
        LEFT JOIN (SELECT DISTINCT feed, delivery_id, rec FROM ops.set_aside_event) AS event
            USING (feed, delivery_id, rec)
    ), found AS (
        SELECT feed, rule, coalesce(field, '') AS field, min(dimension) AS dimension FROM ops.finding GROUP BY ALL
    ), latest AS (
        SELECT feed, delivery_id, day FROM (
            SELECT feed, delivery_id, fetched_at::DATE AS day,
                max(fetched_at::DATE) FILTER (verdict = 'accepted') OVER (PARTITION BY feed) AS accepted_on
            FROM ops.delivery
        ) WHERE day = $day OR day >= accepted_on
    ), counted AS (
        SELECT feed, rule, field, min(sender_field) AS sender_field, count(*) FILTER (day = $day) AS count,
            count(*) FILTER (is_open) AS open, coalesce(min(seen) FILTER (is_open), $day) AS first_seen,
            arg_min(example, (delivery_id, rec)) AS example
        FROM firsts JOIN latest USING (feed, delivery_id)
        GROUP BY ALL
    )
    SELECT feed, rule, nullif(field, '') AS field, sender_field, dimension, count, open, first_seen, example
    FROM counted LEFT JOIN found USING (feed, rule, field)
    ORDER BY count DESC, feed, rule, field"""
BUILDS = f"""
    SELECT run_id, max_by(state, finished_at) AS state, min(started_at) AS started_at, max(finished_at) AS finished_at
    FROM ops.run WHERE step = 'build' GROUP BY run_id ORDER BY started_at DESC, run_id LIMIT {HISTORY_DAYS}"""
AREA_NAMES = f"SELECT DISTINCT area_code, area_name FROM marts.{PLACES} WHERE area_name IS NOT NULL"
SENSORS = f"""
    SELECT count(*) AS areas, list(area_code ORDER BY area_code) FILTER (coalesce(reporting_day_count, 0) = 0) AS silent
    FROM marts.{PLACES} WHERE lamp_post_count > 0
        AND month = (SELECT max(month) FROM marts.{PLACES} WHERE station_day_count IS NOT NULL)"""
COLUMNS = """
    SELECT table_name, min_by(column_name, ordinal_position) FILTER (data_type = 'DATE') AS day_column,
        bool_or(column_name = 'area_code') AS has_areas
    FROM information_schema.columns WHERE table_schema = 'marts' GROUP BY table_name ORDER BY table_name"""


def _history(ask: _Reader, day: date) -> dict[str, list[FeedDay]]:
    history: dict[str, list[FeedDay]] = defaultdict(list)
    for row in ask.rows(HISTORY, day=day, first=day - timedelta(days=HISTORY_DAYS - 1)):
        measured = {name: row.pop(name) for name in DIMENSIONS}
        measures = {name: Measure(**found) for name, found in measured.items() if found["checked"]}
        history[row.pop("feed")].append(FeedDay(**row, measures=measures))
    return dict(history)


def _deliveries(ask: _Reader) -> dict[str, LastDelivery]:
    return {row.pop("feed"): _last_delivery(row) for row in ask.rows(DELIVERIES)}


def _last_delivery(row: dict[str, Any]) -> LastDelivery:
    added, removed, renamed = (_list(row.pop(f"layout_{change}")) for change in ("added", "removed", "renamed"))
    retyped = tuple(name for name in row.pop("retyped") or () if name)
    pairs = tuple((str(old), str(new)) for old, new in renamed)
    return LastDelivery(**row, added=tuple(added), removed=tuple(removed), renamed=pairs, retyped=retyped)


def _list(text: str | None) -> Sequence[Any]:
    return json.loads(text) or [] if text else []


def _asides(ask: _Reader, day: date) -> tuple[Aside, ...]:
    return tuple(Aside(**row) for row in ask.rows(ASIDES, day=day))


def _table(ask: _Reader, row: dict[str, Any], editions: dict[str, datetime]) -> Table:
    name, column, built_for = row["table_name"], row["day_column"], editions[row["table_name"]]
    latest = _latest(ask, name, column, built_for.date()) if column else None
    if not row["has_areas"]:
        return Table(built_for, latest, None)
    areas = ask.rows(f'SELECT DISTINCT area_code FROM marts."{name}" WHERE area_code IS NOT NULL')
    return Table(built_for, latest, frozenset(str(found["area_code"]) for found in areas))


def _latest(ask: _Reader, mart: str, column: str, built_on: date) -> date | None:
    """Return the newest day with figures; the figures of a month reach to its end or to the day of the build."""
    newest = ask.rows(f'SELECT max("{column}") AS day FROM marts."{mart}" WHERE "{column}" <= $day', day=built_on)
    day: date | None = newest[0]["day"]
    if day is None or column != "month":
        return day
    return min(built_on, (day + timedelta(days=31)).replace(day=1) - timedelta(days=1))


def _area_names(ask: _Reader) -> dict[str, str]:
    return {row["area_code"]: row["area_name"] for row in ask.rows(AREA_NAMES)}


def _sensors(ask: _Reader) -> Sensors:
    found = ask.rows(SENSORS)[0]
    return Sensors(found["areas"], tuple(found["silent"] or ()))
