"""Reads the published DuckDB file: the only place where reports ask with SQL."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from extractors.quoting import literal
from reports.city_views import needed_marts, questions, read_declared_views
from reports.facts import (
    DIMENSIONS,
    Answer,
    Aside,
    BuildRun,
    CatalogueColumn,
    CatalogueTable,
    Facts,
    Failure,
    FeedDay,
    LastDelivery,
    LayoutDay,
    Measure,
    Receipt,
    ReportError,
    RuleResult,
    Sensors,
    SourceChange,
    Table,
    Task,
    Touched,
    View,
)

HISTORY_DAYS, DONE_DAYS = 90, 30
QUALITY = "data_quality_daily"
READINESS = "mart_readiness"
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
        except (duckdb.CatalogException, duckdb.BinderException) as error:
            told = str(error).splitlines()[0]
            raise ReportError(f"{published}: {told}; build the marts again with this version") from None


def _open(connection: duckdb.DuckDBPyConnection, published: Path, zone: ZoneInfo) -> None:
    """Attach the file under a name of its own: one called marts.duckdb would hide its schema `marts`."""
    connection.execute(f"ATTACH {literal(published)} AS published (READ_ONLY); USE published")
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
        missed_before={row["feed"]: tuple(row["days"]) for row in ask.rows(MISSED_BEFORE, first=_first(day))},
        deliveries=_deliveries(ask),
        asides=_asides(ask, day),
        lost={row["feed"]: row["records"] for row in ask.rows(LOST)},
        tables={row["table_name"]: _table(ask, row, editions) for row in ask.rows(COLUMNS)},
        tasks=tuple(Task(**row) for row in ask.rows(TASKS, first=day - timedelta(days=DONE_DAYS))),
        views=_views(ask, READINESS in editions),
        area_names=_area_names(ask) if PLACES in editions else {},
        sensors=_sensors(ask) if PLACES in editions else Sensors(0, ()),
        builds=tuple(BuildRun(**row) for row in ask.rows(BUILDS)),
        catalogue=_catalogue(ask),
        receipts=tuple(Receipt(**row) for row in ask.rows(RECEIPTS, day=day)),
        failures=tuple(Failure(**row) for row in ask.rows(FAILURES, day=day)),
        rules=_of_feeds(ask.rows(RULES), lambda row: RuleResult(**row)),
        layouts=_of_feeds(ask.rows(LAYOUTS, first=_first(day)), lambda row: LayoutDay(**_with_layout(row))),
        answers=_answers(ask, editions),
        source_changes=_source_changes(ask, day),
    )


_DAYS = {name: "day" if name == "on_time" else "measured_on" for name in DIMENSIONS}
_MEASURES = ", ".join(
    f"{{'passed': {name}_passed, 'checked': {name}_checked, 'as_of': {day}}} AS {name}" for name, day in _DAYS.items()
)
HISTORY = f"""
    SELECT feed, day, arrival, arrived_at, minutes_late, received, set_aside, set_aside_open AS waiting,
        accepted + unchanged + set_aside_replayed AS loaded, {_MEASURES}
    FROM marts.{QUALITY} WHERE day BETWEEN $first AND $day ORDER BY feed, day"""
MISSED_BEFORE = f"""
    SELECT feed, list(day ORDER BY day DESC) AS days FROM (
        FROM marts.{QUALITY} WHERE day < $first AND arrival <> 'not_due'
        QUALIFY day > coalesce(max(day) FILTER (arrival <> 'missing') OVER (PARTITION BY feed), DATE '0001-01-01')
    ) GROUP BY feed"""
DELIVERIES = """
    WITH numbered AS (
        SELECT *, fetched_at::DATE AS day,
            max(fetched_at) FILTER (verdict = 'accepted') OVER (PARTITION BY feed) AS accepted_at,
            row_number() OVER (PARTITION BY feed ORDER BY fetched_at DESC, loaded_at DESC) AS place_from_last
        FROM ops.delivery
    ), refusals AS (
        SELECT feed, min(day) AS refused_since FROM numbered
        WHERE verdict = 'refused' AND (accepted_at IS NULL OR fetched_at > accepted_at) GROUP BY feed
    ), broken AS (
        SELECT feed, delivery_id, min(rule) FILTER (strength = 'refuse') AS refused_because,
            list(DISTINCT sender_field ORDER BY sender_field) FILTER (rule = 'retyped') AS retyped,
            list(DISTINCT {
                'sender_field': sender_field, 'field': field,
                'was': CASE WHEN rule = 'retyped' THEN expected END, 'now': CASE WHEN rule = 'retyped' THEN example END
            }) FILTER (rule IN ('layout_removed', 'retyped') AND rec IS NULL AND field IS NOT NULL) AS touched
        FROM ops.finding GROUP BY feed, delivery_id
    )
    SELECT feed, day, contract_version, verdict = 'refused' AS is_refused, refused_since, refused_because,
        layout_added, layout_removed, layout_renamed, retyped, touched
    FROM numbered LEFT JOIN refusals USING (feed) LEFT JOIN broken USING (feed, delivery_id)
    WHERE place_from_last = 1"""
ASIDES = """
    WITH firsts AS (
        SELECT feed, delivery_id, rec, event IS NULL AS is_open,
            min(set_aside_at::DATE) OVER (PARTITION BY feed, coalesce(record_key, rec || delivery_id)) AS seen,
            coalesce(json_extract_string(reasons, '$[0].rule'), 'no_reason') AS rule,
            coalesce(json_extract_string(reasons, '$[0].field'), '') AS field,
            json_extract_string(reasons, '$[0].sender_field') AS sender_field,
            json_extract_string(reasons, '$[0].example') AS example
        FROM ops.set_aside LEFT JOIN ops.set_aside_event USING (feed, delivery_id, rec)
        WHERE event IS NULL OR event = 'repeated'
    ), found AS (
        SELECT feed, rule, coalesce(field, '') AS field, min(dimension) AS dimension FROM ops.finding GROUP BY ALL
    ), counted AS (
        SELECT feed, rule, field, min(sender_field) AS sender_field, count(*) FILTER (fetched_at::DATE = $day) AS count,
            count(*) AS open, min(seen) AS first_seen, arg_min(example, (delivery_id, rec)) AS example
        FROM firsts JOIN ops.delivery USING (feed, delivery_id) WHERE is_open
        GROUP BY ALL
    )
    SELECT feed, rule, nullif(field, '') AS field, sender_field, dimension, count, open, first_seen, example
    FROM counted LEFT JOIN found USING (feed, rule, field)
    ORDER BY count DESC, feed, rule, field"""
LOST = "SELECT feed, count(*) AS records FROM ops.set_aside_event WHERE event = 'expired' GROUP BY feed"
BUILDS = f"""
    SELECT run_id, max_by(state, finished_at) AS state, min(started_at) AS started_at, max(finished_at) AS finished_at
    FROM ops.run WHERE step = 'build' GROUP BY run_id ORDER BY started_at DESC, run_id LIMIT {HISTORY_DAYS}"""
AREA_NAMES = f"SELECT DISTINCT area_code, area_name FROM marts.{PLACES} WHERE area_name IS NOT NULL"
SENSORS = f"""
    SELECT count(*) AS areas, list(area_code ORDER BY area_code) FILTER (coalesce(reporting_day_count, 0) = 0) AS silent
    FROM marts.{PLACES} WHERE lamp_post_count > 0
        AND month = (SELECT max(month) FROM marts.{PLACES} WHERE station_day_count IS NOT NULL)"""
TASKS = """
    SELECT action_key AS key, cause, feed, department, owner, subject, detail, since_date AS since, due_date AS due,
        severity, state, closed_at, assigned_to, acknowledged_at, acknowledged_by, accepted_at, accepted_by, note,
        due_set_by IS NOT NULL AS is_due_agreed
    FROM ops.action WHERE severity <> 'low' AND (state <> 'done' OR closed_at::DATE >= $first)
    ORDER BY due_date, action_key"""
RULES = """
    WITH judged AS (
        SELECT feed, max_by(delivery_id, fetched_at) AS delivery_id, max(fetched_at)::DATE AS day
        FROM ops.delivery SEMI JOIN ops.check_result USING (feed, delivery_id) GROUP BY feed
    ), held AS (
        SELECT feed, rule, coalesce(field, '') AS name, min(checked_at)::DATE AS since
        FROM ops.check_result GROUP BY ALL
    )
    SELECT feed, rule, field, strength, since, day, coalesce(checked, 0) AS checked, coalesce(failed, 0) AS failed
    FROM judged JOIN ops.check_result USING (feed, delivery_id)
        JOIN held USING (feed, rule) WHERE held.name = coalesce(field, '')
    ORDER BY feed, failed DESC, rule, field"""
LAYOUTS = """
    WITH rewritten AS (
        SELECT feed, delivery_id, list(DISTINCT sender_field ORDER BY sender_field) AS retyped
        FROM ops.finding WHERE rule = 'retyped' AND rec IS NULL AND sender_field IS NOT NULL GROUP BY ALL
    )
    SELECT feed, fetched_at::DATE AS day, verdict = 'refused' AS is_refused, layout_added, layout_removed,
        layout_renamed, retyped
    FROM ops.delivery LEFT JOIN rewritten USING (feed, delivery_id)
    WHERE fetched_at::DATE >= $first
        AND (retyped IS NOT NULL OR concat(layout_added, layout_removed, layout_renamed) NOT IN ('', '[][][]'))
    ORDER BY feed, fetched_at DESC"""
VIEWS = f"""
    SELECT mart AS slug, title_en, title_zh, use, reason, reasons[1].feeds AS about,
        reasons[1].waiting_share AS waiting_share,
        list_transform(feeds, one -> one.feed) AS feeds, last_good_date AS last_good
    FROM marts.{READINESS} WHERE len(kinds) > 0 ORDER BY mart"""
RECEIPTS = """
    SELECT feed, delivery_id, verdict = 'refused' AS is_refused, contract_version, fetched_at, loaded_at, sha256,
        count(*) OVER (PARTITION BY feed) AS deliveries
    FROM ops.delivery WHERE fetched_at::DATE = $day
    QUALIFY row_number() OVER (PARTITION BY feed ORDER BY fetched_at DESC, loaded_at DESC) = 1 ORDER BY feed"""
FAILURES = """
    SELECT step, feed, started_at, finished_at FROM ops.run
    WHERE state = 'failed' AND finished_at::DATE = $day ORDER BY started_at, step, feed"""
CATALOGUE = """
    SELECT table_schema AS schema, table_name AS name, question, title_en, title_zh, description_en AS en,
        description_zh AS zh, row_key AS key, reads, tests, row_count AS rows
    FROM ops.catalogue_table ORDER BY table_schema, table_name"""
CATALOGUE_COLUMNS = """
    SELECT table_schema AS schema, table_name, column_name AS name, data_type AS type, description_en AS en,
        description_zh AS zh, allowed, classification, privacy, blank_count AS blank
    FROM ops.catalogue_column ORDER BY table_schema, table_name, column_number"""
UNJUDGED = f"SELECT mart AS slug, NULL AS title_en, use, reason FROM ops.edition WHERE mart <> '{QUALITY}' ORDER BY 1"
COLUMNS = """
    SELECT table_name, min_by(column_name, ordinal_position) FILTER (data_type = 'DATE') AS day_column,
        bool_or(column_name = 'area_code') AS has_areas
    FROM information_schema.columns WHERE table_schema = 'marts' GROUP BY table_name ORDER BY table_name"""


def _first(day: date) -> date:
    """Return the first of the days that a report tells of."""
    return day - timedelta(days=HISTORY_DAYS - 1)


def _history(ask: _Reader, day: date) -> dict[str, list[FeedDay]]:
    history: dict[str, list[FeedDay]] = defaultdict(list)
    for row in ask.rows(HISTORY, day=day, first=_first(day)):
        measured = {name: row.pop(name) for name in DIMENSIONS}
        measures = {name: Measure(**found) for name, found in measured.items() if found["checked"]}
        history[row.pop("feed")].append(FeedDay(**row, measures=measures))
    return dict(history)


def _deliveries(ask: _Reader) -> dict[str, LastDelivery]:
    return {row.pop("feed"): _last_delivery(row) for row in ask.rows(DELIVERIES)}


def _last_delivery(row: dict[str, Any]) -> LastDelivery:
    touched = tuple(sorted((Touched(**one) for one in row.pop("touched") or ()), key=repr))
    return LastDelivery(**_with_layout(row), touched=touched)


def _with_layout(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with the changes of a delivery's layout, which the lake keeps as JSON, as tuples."""
    added, removed, renamed = (_list(row.pop(f"layout_{change}")) for change in ("added", "removed", "renamed"))
    return {
        **row,
        "added": tuple(added),
        "removed": tuple(removed),
        "renamed": tuple((str(old), str(new)) for old, new in renamed),
        "retyped": tuple(name for name in row["retyped"] or () if name),
    }


def _of_feeds(rows: list[dict[str, Any]], made: Callable[[dict[str, Any]], Any]) -> dict[str, list[Any]]:
    """Return what was found of each feed, in the order of the rows."""
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.pop("feed")].append(made(row))
    return dict(found)


def _list(text: str | None) -> Sequence[Any]:
    return json.loads(text) or [] if text else []


def _asides(ask: _Reader, day: date) -> tuple[Aside, ...]:
    return tuple(Aside(**row) for row in ask.rows(ASIDES, day=day))


def _views(ask: _Reader, is_judged: bool) -> tuple[View, ...]:
    """Return the marts on departments' records; where the build did not judge them, every mart, of unknown feeds."""
    return tuple(_view(row) for row in ask.rows(VIEWS if is_judged else UNJUDGED))


def _view(row: dict[str, Any]) -> View:
    words = {"en": row.pop("title_en") or row["slug"].replace("_", " ").capitalize(), "zh": row.pop("title_zh", None)}
    lists: dict[str, Any] = {name: tuple(row.pop(name, None) or ()) for name in ("about", "feeds")}
    return View(title={language: text for language, text in words.items() if text}, **lists, **row)


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


def _catalogue(ask: _Reader) -> tuple[CatalogueTable, ...]:
    columns: dict[tuple[str, str], list[CatalogueColumn]] = defaultdict(list)
    for row in ask.rows(CATALOGUE_COLUMNS):
        place = row.pop("schema"), row.pop("table_name")
        columns[place].append(CatalogueColumn(allowed=tuple(row.pop("allowed") or ()), meaning=_texts(row), **row))
    return tuple(_catalogue_table(row, tuple(columns[row["schema"], row["name"]])) for row in ask.rows(CATALOGUE))


def _catalogue_table(row: dict[str, Any], columns: tuple[CatalogueColumn, ...]) -> CatalogueTable:
    titles = {"en": row.pop("title_en"), "zh": row.pop("title_zh")}
    lists: dict[str, Any] = {name: tuple(row.pop(name) or ()) for name in ("key", "reads")}
    tests = tuple((test["rule"], test["about"]) for test in row.pop("tests") or ())
    title = {language: text for language, text in titles.items() if text}
    return CatalogueTable(title=title, meaning=_texts(row), tests=tests, columns=columns, **lists, **row)


def _texts(row: dict[str, Any]) -> dict[str, str]:
    told = {language: row.pop(language) for language in ("en", "zh")}
    return {language: text for language, text in told.items() if text}
CHANGE_DAYS = 30
SOURCE_CHANGES = """
    WITH told AS (
        SELECT feed, fetched_at::DATE AS day, fetched_at, contract_version AS version, verdict,
            layout_added, layout_removed, layout_renamed,
            lag([layout_added, layout_removed, layout_renamed]) OVER earlier AS layout_before,
            lag(contract_version) OVER earlier AS version_before, lag(verdict) OVER earlier AS verdict_before
        FROM ops.delivery WINDOW earlier AS (PARTITION BY feed ORDER BY fetched_at, loaded_at)
    ), compared AS (
        SELECT *, [layout_added, layout_removed, layout_renamed] IS DISTINCT FROM layout_before AS is_other_layout,
            verdict = 'refused' AND verdict_before IS DISTINCT FROM 'refused' AS is_newly_refused
        FROM told
    )
    SELECT feed, day, is_newly_refused, version, nullif(version_before, version) AS version_before,
        CASE WHEN is_other_layout THEN layout_added END AS added,
        CASE WHEN is_other_layout THEN layout_removed END AS removed,
        CASE WHEN is_other_layout THEN layout_renamed END AS renamed
    FROM compared WHERE day > $first ORDER BY fetched_at DESC, feed"""


def _answers(ask: _Reader, editions: dict[str, datetime]) -> dict[str, dict[str, Answer]]:
    """Ask every declared city view whose marts were all published, as of the day of its own mart."""
    published = {row["table_name"] for row in ask.rows(COLUMNS)}
    return {
        slug: {
            name: Answer(sql, tuple(ask.rows(sql))) for name, sql in questions(view, editions[slug].date()).items()
        }
        for slug, view in read_declared_views().items()
        if slug in editions and needed_marts(view) <= published
    }


def _source_changes(ask: _Reader, day: date) -> tuple[SourceChange, ...]:
    """Return the deliveries of the last days in which something was new beside the one before."""
    found = (_source_change(row) for row in ask.rows(SOURCE_CHANGES, first=day - timedelta(days=CHANGE_DAYS)))
    return tuple(one for one in found if one.is_new)


def _source_change(row: dict[str, Any]) -> SourceChange:
    added, removed, renamed = (tuple(_list(row.pop(name))) for name in ("added", "removed", "renamed"))
    pairs = tuple((str(old), str(new)) for old, new in renamed)
    return SourceChange(**row, added=added, removed=removed, renamed=pairs)
