"""A week at the data office of the sandbox city, held against what really happened there.

The departments' systems bring new, changed, late, repeated and withdrawn records, and every kind of fault that is
known from real ones. The sandbox knows the truth; nothing of ours sees it but this test.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cities import read_city
from cities.home import PROJECT
from tests.story.office import Office

LAST_DAY = 6


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    office = Office(tmp_path_factory.mktemp("week"))
    week = office.do("demo", "--days", str(LAST_DAY + 1))
    assert week.returncode == 0, week.stderr
    (office.home / "said.txt").write_text(week.stdout + week.stderr)
    return office


@pytest.fixture(scope="module")
def truth() -> Any:
    told = subprocess.run(
        [sys.executable, "-m", "sandbox", "truth", "--day", str(LAST_DAY)],
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(told.stdout)


def summed(rows: Iterable[dict[str, Any]], by: tuple[str, ...], count: str) -> dict[tuple[Any, ...], int]:
    """Sum a count of the truth by some of its columns; groups of nothing are left out."""
    total: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        total[tuple(row[name] for name in by)] += row[count]
    return {group: value for group, value in total.items() if value}


def asked(office: Office, sql: str) -> dict[tuple[Any, ...], int]:
    """Ask for groups and their count, which is the last column."""
    return {tuple(str(part) for part in row[:-1]): row[-1] for row in office.ask_lake(sql) if row[-1]}


def test_every_delivery_is_accounted_for(office: Office) -> None:
    astray = "received <> accepted + unchanged + duplicate + set_aside"
    assert office.ask(f"SELECT feed, delivery_id FROM ops.delivery WHERE {astray}") == []
    assert office.ask("SELECT count(*) FROM ops.delivery") == [(19 * 7 - 1,)]


def test_the_lake_holds_the_records_that_the_departments_have(office: Office, truth: Any) -> None:
    kinds = dict(office.ask("SELECT feed, contract FROM ops.feed"))
    held = {
        feed: office.ask_lake(f"SELECT count(*) FROM staging.stg_{kind} WHERE feed = '{feed}'")[0][0]
        for feed, kind in kinds.items()
    }
    assert held == truth["records"]


KEY_PARTS = {"year", "sex"}
"""The sender's fields that are part of a record's key: where one is at fault, nobody can say which record it is."""


def head(record: str | None, feed: str) -> str | None:
    """Return the part of a record's name that both sides write alike: an observation's data stream, a key's start."""
    if record is None:
        return None
    return record[:4] if feed == "lighting__observations" else re.split(r"[/|]", record)[0]


def test_every_planted_fault_is_found_and_nothing_else_is(office: Office, truth: Any) -> None:
    planted = {
        (
            fault["feed"],
            None if fault["field"] in KEY_PARTS else head(fault["record"], fault["feed"]),
            fault["expect"],
        )
        for fault in truth["faults"]
        if fault["verdict"] == "set_aside"
    }
    found = {
        (feed, head(key, feed), reason["rule"])
        for feed, key, reasons in office.ask(
            """SELECT feed, record_key, reasons FROM ops.set_aside SEMI JOIN
            (FROM ops.delivery WHERE verdict = 'accepted') USING (feed, delivery_id)"""
        )
        for reason in json.loads(reasons)
    }
    assert found == planted


def test_each_finding_names_the_senders_field(office: Office, truth: Any) -> None:
    named = office.ask("SELECT DISTINCT feed, rule, sender_field FROM ops.finding WHERE strength = 'set_aside'")
    for fault in truth["faults"]:
        if fault["verdict"] == "set_aside" and fault["field"]:
            field = {"pubDate": "published"}.get(fault["field"], re.split(r"[.\]]", fault["field"].rstrip("]"))[-1])
            assert any((fault["feed"], fault["expect"]) == row[:2] and field in row[2] for row in named), fault


def test_identical_copies_are_counted_and_kept_once(office: Office, truth: Any) -> None:
    planted = {fault["feed"] for fault in truth["faults"] if fault["expect"] == "duplicate"}
    assert {feed for (feed,) in office.ask("SELECT feed FROM ops.delivery WHERE duplicate > 0")} == planted


def test_the_department_that_was_down_is_missing_that_day_and_complete_the_next(office: Office) -> None:
    arrivals = dict(
        office.ask(
            "SELECT day::VARCHAR, arrival FROM marts.data_quality_daily WHERE feed = 'buildings__permits'"
        )
    )
    assert (arrivals["2026-10-28"], arrivals["2026-10-29"]) == ("missing", "on_time")


def test_the_renamed_column_refused_the_delivery_until_it_was_mended(office: Office) -> None:
    verdicts = [
        verdict
        for (verdict,) in office.ask(
            "SELECT verdict FROM ops.delivery WHERE feed = 'planning__measures' ORDER BY delivery_id"
        )
    ]
    assert verdicts == ["accepted"] * 5 + ["refused", "accepted"]
    assert office.ask("SELECT layout_removed FROM ops.delivery WHERE verdict = 'refused'") == [('["value"]',)]


def test_a_delivery_that_is_odd_as_a_whole_is_told(office: Office) -> None:
    told = office.ask("SELECT rule, feed, sender_field FROM ops.finding WHERE rec IS NULL ORDER BY ALL")
    assert told == [
        ("count_mismatch", "police__incidents", None),
        ("empty_answer", "voice__news", None),
        ("layout_added", "hotline__requests", "crew"),
        ("layout_added", "planning__measures", "actual"),
        ("layout_removed", "planning__measures", "value"),
    ]


REQUESTS = ("date", "area_code", "service_code")
OPENED = "SELECT day, area_code, service_code, sum({}) FROM marts.service_levels_daily GROUP BY ALL"


@pytest.mark.parametrize(
    ("column", "count"),
    [
        ("opened_count", "opened"),
        ("counted_count", "counted"),
        ("duplicate_count", "duplicates"),
        ("internal_count", "internal"),
        ("cancelled_count", "cancelled"),
    ],
)
def test_requests_by_day_area_and_service_are_the_true_ones(
    office: Office, truth: Any, column: str, count: str
) -> None:
    true = summed(truth["totals"]["requests"], REQUESTS, count)
    assert asked(office, OPENED.format(column)) == true


def test_what_fell_due_was_done_on_time_as_often_as_in_truth(office: Office, truth: Any) -> None:
    today = "2026-11-01"  # still running: some of today's promises have not fallen due yet
    for column in ("due_count", "due_on_time_count"):
        true = {
            group: count for group, count in summed(truth["totals"]["requests"], REQUESTS, column).items()
            if group[0] < today
        }  # fmt: skip
        mart = {group: count for group, count in asked(office, OPENED.format(column)).items() if group[0] < today}
        assert mart == true, column


def test_requests_closed_by_day_and_area_are_the_true_ones(office: Office, truth: Any) -> None:
    true = summed(truth["totals"]["requests_closed"], ("date", "area_code"), "closed")
    mart = "SELECT day, area_code, sum(closed_count) FROM marts.service_levels_daily GROUP BY ALL"
    assert asked(office, mart) == true


def test_what_was_opened_again_is_seen_from_one_morning_to_the_next(office: Office, truth: Any) -> None:
    true = summed(truth["totals"]["requests_reopened"], ("date", "area_code"), "reopened")
    mart = "SELECT day, area_code, sum(reopened_count) FROM marts.service_levels_daily GROUP BY ALL"
    assert len(true) > 10
    assert asked(office, mart) == true
    told = """SELECT r.area_code, count(*) FROM marts.service_request_events AS e JOIN marts.service_requests AS r
        USING (feed, request_id) WHERE event = 'reopened' GROUP BY ALL"""
    assert asked(office, told) == summed(truth["totals"]["requests_reopened"], ("area_code",), "reopened")


@pytest.mark.parametrize(
    ("mart", "column", "count"),
    [
        ("service_rates_monthly", "assigned_count", "assigned"),
        ("service_rates_monthly", "answered_in_limit_count", "answered_in_limit"),
        ("service_rates_monthly", "resolved_count", "resolved"),
        ("service_rates_monthly", "rating_count", "ratings"),
        ("service_honesty_monthly", "closed_count", "closed"),
        ("service_honesty_monthly", "instant_count", "instant"),
        ("service_honesty_monthly", "without_fix_evidence_count", "without_fix_evidence"),
        ("service_honesty_monthly", "date_only_count", "date_only"),
    ],
)
def test_what_was_done_about_requests_by_month_and_service_is_the_truth(
    office: Office, truth: Any, mart: str, column: str, count: str
) -> None:
    true = summed(truth["totals"]["service_months"], ("month", "service_code"), count)
    assert asked(office, f"SELECT month, service_code, {column} FROM marts.{mart}") == true


def test_the_satisfied_are_counted_from_ten_answers_on(office: Office, truth: Any) -> None:
    rows = [row for row in truth["totals"]["service_months"] if row["ratings"] >= 10]
    assert len(rows) > 10
    true = summed(rows, ("month", "service_code"), "satisfied")
    assert asked(office, "SELECT month, service_code, satisfied_count FROM marts.service_rates_monthly") == true


LOCAL = "timezone('America/Chicago', {})::DATE"


@pytest.mark.parametrize(
    ("total", "by", "count", "sql"),
    [
        (
            "incidents", ("date", "area_code", "category"), "incidents",
            f"""SELECT {LOCAL.format('occurred_at')}, area_code, category, count(*) FROM staging.stg_incident
            GROUP BY ALL""",
        ),
        (
            "emergency", ("date", "area_code"), "incidents",
            "SELECT day, area_code, sum(incident_count) FROM marts.response_times_daily GROUP BY ALL",
        ),
        (
            "emergency", ("date", "area_code"), "with_on_scene",
            "SELECT day, area_code, sum(with_on_scene_count) FROM marts.response_times_daily GROUP BY ALL",
        ),
        *[
            (
                "responses", ("date", "area_code"), true,
                f"SELECT received_date, area_code, {mart} FROM marts.emergency_responses GROUP BY ALL",
            )
            for true, mart in (
                ("responses", "count(*)"), ("valid", "count(*) FILTER (is_valid)"),
                ("turnout_seconds", "sum(turnout_seconds) FILTER (is_valid)"),
                ("travel_seconds", "sum(travel_seconds) FILTER (is_valid)"),
            )
        ],
        (
            "permits", ("month", "area_code"), "issued",
            "SELECT month, area_code, issued_permit_count FROM marts.area_profile_monthly",
        ),
        (
            "payments", ("date", "department_code"), "amount_cents",
            """SELECT paid_date, department_code, sum(amount_cents) FROM staging.stg_payment AS p
            JOIN staging.stg_budget_line USING (budget_line_id) GROUP BY ALL""",
        ),
        (
            "observations", ("date", "property_code"), "observations",
            f"""SELECT {LOCAL.format('phenomenon_at')}, property_code, count(*) FROM staging.stg_observation
            GROUP BY ALL""",
        ),
        (
            "opinion_items", ("date", "source"), "items",
            f"""SELECT {LOCAL.format('published_at')}, source_code, count(*) FROM staging.stg_opinion_item
            GROUP BY ALL""",
        ),
    ],
)  # fmt: skip
def test_totals_are_the_true_ones(
    office: Office, truth: Any, total: str, by: tuple[str, ...], count: str, sql: str
) -> None:
    assert asked(office, sql) == summed(truth["totals"][total], by, count)


def test_the_minutes_to_the_first_unit_are_the_true_ones(office: Office, truth: Any) -> None:
    seconds = """SELECT received_date, area_code, sum(total_seconds) FROM marts.emergency_responses
        WHERE is_first_unit GROUP BY ALL"""
    true = {(row["date"], row["area_code"]): row["first_on_scene_minutes_sum"] for row in truth["totals"]["emergency"]}
    minutes = {group: total / 60 for group, total in asked(office, seconds).items()}
    assert minutes == pytest.approx({group: total for group, total in true.items() if total}, abs=0.01)


def test_dark_street_lights_and_who_told_first_are_the_true_ones(office: Office, truth: Any) -> None:
    """Minutes to the second minute: the sandbox works the sun out by another formula."""
    told = office.ask(
        """SELECT night::VARCHAR, lamp_post_id, outage_minutes, first_noticed_by FROM marts.street_light_outages
        WHERE first_noticed_by IS NOT NULL"""
    )
    nights = {(night, post): (minutes, first) for night, post, minutes, first in told}
    true = {(row["night"], row["lamp_post_id"]): row for row in truth["totals"]["street_lights"]}
    assert nights.keys() == true.keys()
    for night, (minutes, first) in nights.items():
        assert first == true[night]["first_noticed_by"], night
        assert minutes == pytest.approx(true[night]["outage_minutes"], abs=2), night


def test_stations_that_fell_silent_or_repeat_themselves_are_found_and_show_no_value(office: Office) -> None:
    states = office.ask(
        """SELECT lamp_post_id, state, count(*), count(result) FROM marts.sensor_readings_current
        WHERE state <> 'ok' GROUP BY ALL ORDER BY ALL"""
    )
    assert states == [("30", "silent", 3, 0), ("40", "flat_line", 3, 0)]


def test_the_storms_are_hot_spots_and_nothing_else_is(office: Office, truth: Any) -> None:
    storms = {
        (row["window_start"], row["area_code"], row["category"]): (row["incidents"], row["is_confirmed"])
        for row in truth["totals"]["hot_spots"]
    }
    found = office.ask(
        """SELECT strftime(timezone('UTC', window_start_at), '%Y-%m-%dT%H:%M:%S+00:00'), area_code, category,
            observed_count, is_flagged
        FROM marts.hot_spots_hourly WHERE kind = 'emergency_call' AND is_exceeded AND category <> 'all'"""
    )
    assert {row[:3]: row[3:] for row in found} == storms
    everything = "SELECT DISTINCT kind, area_code, category FROM marts.hot_spots_hourly WHERE is_flagged"
    struck = {("emergency_call", area) for _, area, _ in storms}
    assert {row[:2] for row in office.ask(everything)} == struck


def test_no_window_is_calm_that_nobody_has_read(office: Office) -> None:
    last_read = "2026-11-01 12:32:00+00"
    assert office.ask(
        f"""SELECT DISTINCT kind, window_start_at + INTERVAL 3 HOURS > '{last_read}'::TIMESTAMPTZ
        FROM marts.hot_spots_hourly WHERE NOT is_measured ORDER BY ALL"""
    ) == [("emergency_call", True), ("incident", True)]


def test_every_incident_is_known_once_and_every_change_of_it_too(office: Office, truth: Any) -> None:
    kept = dict(office.ask("SELECT kind, count(*) FROM marts.emergency_incidents GROUP BY kind"))
    assert kept == {
        "emergency_call": sum(row["incidents"] for row in truth["totals"]["emergency"]),
        "incident": sum(row["incidents"] for row in truth["totals"]["incidents"]),
    }
    later = office.ask_lake(
        """SELECT count(*) - count(DISTINCT (_feed, incident_id)) FROM records.incident WHERE _op = 'U'"""
    )
    assert office.ask("SELECT count(*) FROM marts.incident_changes WHERE status = 'corrected'") == later != [(0,)]


def test_the_population_is_that_of_its_latest_year(office: Office, truth: Any) -> None:
    rows = office.ask(
        "SELECT DISTINCT area_code, population FROM marts.area_profile_monthly WHERE month = '2026-10-01'"
    )
    assert dict(rows) == truth["totals"]["population"]


def test_at_least_six_departments_meet_in_the_area_profile(office: Office) -> None:
    counts = [
        "request_count", "incident_count", "emergency_incident_count", "issued_permit_count", "lamp_post_count",
        "payment_count", "opinion_item_count", "population",
    ]  # fmt: skip
    (row,) = office.ask(
        f"SELECT {', '.join(f'min({name})' for name in counts)} FROM marts.area_profile_monthly "
        "WHERE month = '2026-10-01'"
    )
    assert all(value > 0 for value in row), dict(zip(counts, row, strict=True))


def test_money_spent_and_promised_by_month_and_programme_is_the_true_one(office: Office, truth: Any) -> None:
    for column in ("paid_cents", "committed_cents"):
        true = summed(truth["totals"]["spending"], ("month", "department_code", "programme_code"), column)
        mart = f"SELECT month, department_code, programme_code, sum({column}) FROM marts.spending_monthly GROUP BY ALL"
        assert asked(office, mart) == true, column


def test_payments_that_somebody_should_look_at_are_listed(office: Office, truth: Any) -> None:
    planted = truth["totals"]["payments_to_look_at"]
    listed = dict(office.ask("SELECT payment_id, note FROM marts.payment_outliers"))
    assert len(planted) == 4
    assert set(planted) <= set(listed)
    assert all("may well be right" in note for note in listed.values())


def test_each_month_of_the_plan_stands_as_it_truly_does(office: Office, truth: Any) -> None:
    rows = office.ask(
        """SELECT measure_id, start_date::VARCHAR, actual, state FROM marts.plan_progress
        WHERE period_kind = 'month' AND actual_source = 'entered' AND end_date < DATE '2026-10-01' ORDER BY ALL"""
    )
    names = ("measure_id", "month", "value", "state")
    assert rows == sorted(tuple(row[name] for name in names) for row in truth["totals"]["plan_months"])


def test_changed_targets_are_kept_and_those_rewritten_after_their_quarter_are_told(office: Office, truth: Any) -> None:
    rows = office.ask(
        """SELECT measure_id, quarter, previous_target, target, is_rewritten_after_period
        FROM marts.plan_target_history WHERE change_kind = 'changed' ORDER BY ALL"""
    )
    names = ("measure_id", "quarter", "from", "to", "is_after_period")
    assert rows == sorted(tuple(row[name] for name in names) for row in truth["totals"]["target_changes"])
    assert {row[-1] for row in rows} == {True, False}


def test_what_came_after_the_closing_of_september_is_a_restatement(office: Office) -> None:
    """The month closed on 30 October; two figures came on the 31st, when the file was refused, and on 1 November."""
    rows = office.ask(
        """SELECT measure_id, previous_state, recorded_at::DATE::VARCHAR FROM marts.plan_editions
        WHERE edition_kind = 'restatement' AND period_kind = 'month' AND planned = previous_planned
            AND measure_id NOT IN ('M06', 'M13') ORDER BY ALL"""
    )
    assert rows == [("M20", "not_reported", "2026-11-01"), ("M24", "not_reported", "2026-11-01")]


def test_tasks_of_the_plan_are_as_far_as_they_truly_are(office: Office, truth: Any) -> None:
    rows = office.ask("SELECT task_id, state, overdue_days FROM marts.plan_tasks ORDER BY 1")
    names = ("task_id", "state", "overdue_days")
    assert rows == sorted(tuple(row[name] for name in names) for row in truth["totals"]["plan_tasks"])


def personal(texts: pl.Series) -> pl.Series:
    """Return which of these texts hold a personal value of the city's residents."""
    from sandbox.people import canaries

    planted = canaries(7, 1.0, LAST_DAY)
    assert len(planted) > 5000
    return texts.str.contains_any(planted)


def test_no_personal_value_is_in_a_file_but_with_the_kept_deliveries(office: Office) -> None:
    kept = {"deliveries", "sandbox", "secrets"}
    files = [
        path for path in office.home.rglob("*")
        if path.is_file() and not kept & set(path.relative_to(office.home).parts)
    ]  # fmt: skip
    assert len(files) > 50
    content = pl.Series([path.read_bytes().decode(errors="ignore") for path in files])
    assert [str(path) for path, found in zip(files, personal(content), strict=True) if found] == []


def test_no_personal_value_is_in_a_table(office: Office) -> None:
    """Compressed columns hide from a search of bytes, so every text of the lake is looked at too."""
    columns = office.ask_lake(
        """SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE database_name = 'lake'
        AND data_type = 'VARCHAR' AND schema_name IN ('records', 'ops', 'intermediate', 'marts')"""
    )
    assert len(columns) > 100
    for schema, table, column in columns:
        values = office.ask_lake(f'SELECT DISTINCT "{column}" FROM {schema}.{table} WHERE "{column}" IS NOT NULL')
        found = personal(pl.Series([value for (value,) in values], dtype=pl.String))
        assert not found.any(), f"{schema}.{table}.{column}"


def test_the_kept_deliveries_do_hold_them(office: Office) -> None:
    """Or the tests above would find nothing anywhere."""
    kept = office.home.glob("deliveries/hotline__requests/*/pages/*")
    pages = [path.read_bytes().decode(errors="ignore") for path in kept]
    assert personal(pl.Series(pages)).any()


def mornings(office: Office) -> list[Any]:
    """Return the reports of the week, as they were frozen."""
    told = [json.loads(path.read_text()) for path in sorted((office.home / "site" / "runs").glob("*/report.json"))]
    assert len(told) == LAST_DAY + 1
    return told


def test_the_report_says_who_must_act(office: Office) -> None:
    causes = [{action["cause"] for action in morning["actions"]} for morning in mornings(office)]
    assert "missing" in causes[2]
    assert "layout" in causes[5]


def test_each_planted_fault_is_named_by_department_owner_and_the_views_that_it_touches(
    office: Office, truth: Any
) -> None:
    causes = {"missing": "missing", "refused": "layout", "set_aside": "rule"}
    faults = [fault for fault in truth["faults"] if fault["verdict"] in causes]
    planted = {(fault["feed"], fault["expect"] or causes[fault["verdict"]]) for fault in faults}
    assert len(planted) > 50
    city = read_city("sandbox")
    touched: dict[str, set[str]] = {}
    for mart, feed_id in office.ask("SELECT mart, unnest(feeds).feed FROM marts.mart_readiness"):
        touched.setdefault(feed_id, set()).add(mart)
    named = set()
    for morning in mornings(office):
        open_ones = [action for action in morning["actions"] if action["feed"] and action["status"] != "done"]
        open_ones = [action for action in open_ones if action["cause"] in causes.values()]
        for action in open_ones:
            feed_id, department = action["feed"], city.department_of(action["feed"])
            told = action["department"], action["owner"]["email"], set(action["affects"])
            assert told == (department.id, department.steward, touched[feed_id]), (feed_id, action["cause"])
        reasons = {(row["feed"], row["reason_id"]) for row in morning["set_aside"]}
        assert {feed_id for feed_id, _ in reasons} <= {action["feed"] for action in open_ones}
        named |= reasons | {(action["feed"], "missing") for action in open_ones if action["cause"] == "missing"}
    assert named == planted


def test_the_pages_ask_nothing_of_the_network(office: Office) -> None:
    pages: list[Path] = list((office.home / "site").glob("*/index.html"))
    assert len(pages) == 2
    for page in pages:
        html = page.read_text()
        assert "<script" not in html
        assert not re.search(r"""(?:src|href)=["']?https?:""", html)


def test_the_catalogue_describes_every_column_in_both_languages_and_its_sample_questions_can_be_asked(
    office: Office,
) -> None:
    report = json.loads((office.home / "site" / "report.json").read_text(encoding="utf-8"))
    told = {(table["schema"], table["name"]): table for table in report["catalogue"]}
    published = office.ask("SELECT schema_name, table_name FROM duckdb_tables() WHERE schema_name IN ('marts', 'ops')")
    assert set(published) == {place for place in told if place[0] != "records"}
    words = [(place, column["name"], column["meaning"]) for place, table in told.items() for column in table["columns"]]
    assert [one for one in words if one[2]["en"] == one[2]["zh"]] == []
    samples = [sql for table in told.values() for sql in table["samples"]]
    assert len(samples) > len(published)
    for sql in samples:
        office.ask(sql.rstrip(";"))
