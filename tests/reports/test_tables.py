from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from reports.tables import TABLES, table_csv
from tests.reports.busy_morning import busy_morning


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict:
    return busy_morning(tmp_path_factory.mktemp("busy")).report()


def rows(name: str, report: dict) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table_csv(name, report).removeprefix("\ufeff"))))


@pytest.mark.parametrize("name", TABLES)
def test_no_column_is_blank_by_a_slip_of_its_name(name: str, report: dict) -> None:
    always_blank = {"department_measures": set(), "layouts": {"added", "removed", "retyped"}, "feeds": set()}
    found = rows(name, report)
    assert found, "the busy morning has a row for each table"
    blank = {column for column in TABLES[name].columns if not any(row[column] for row in found)}
    assert blank <= always_blank.get(name, set())


def test_the_scores_of_a_department_follow_from_what_was_counted(report: dict) -> None:
    for row in rows("department_measures", report):
        if row["score"]:
            assert float(row["score"]) == pytest.approx(100 * int(row["passed"]) / int(row["checked"]), abs=0.1)


def test_arrivals_end_on_the_day_of_the_figures_and_add_up(report: dict) -> None:
    found = [row for row in rows("arrivals", report) if row["feed"] == "streets__requests"]
    assert [row["arrival"] for row in found[-3:]] == ["on_time", "missing", "missing"]
    assert found[-1]["day"] == "2026-11-23"
    today = sum(int(row["records"]) for row in rows("arrivals", report) if row["day"] == "2026-11-23")
    assert today == sum(feed["records_in"] for feed in report["feeds"])


def test_the_reasons_of_the_table_sum_to_what_was_set_aside(report: dict) -> None:
    counted = sum(int(row["count"]) for row in rows("set_aside", report))
    assert counted == sum(feed["records_set_aside"] for feed in report["feeds"])


def test_an_office_program_takes_nothing_for_a_formula(report: dict) -> None:
    changed = json.loads(json.dumps(report))
    changed["set_aside"][0]["example_masked"]["sent"] = '=HYPERLINK("http://x")'
    changed["departments"][0]["delta_30d"] = -4.5
    assert rows("set_aside", changed)[0]["example_masked_sent"].startswith("'=")
    assert rows("departments", changed)[0]["delta_30d"] == "-4.5", "a figure stays a figure"


def test_chinese_survives_an_office_program(report: dict) -> None:
    assert table_csv("departments", report).startswith("\ufeff")
    assert {row["name_zh"] for row in rows("departments", report)} == {"街道", "警务", "建筑许可"}


def test_a_page_links_only_to_tables_that_are_written(tmp_path: Path) -> None:
    site = busy_morning(tmp_path).publish()
    written = {place.stem for place in (site / "tables").iterdir()}
    report = json.loads((site / "report.json").read_text(encoding="utf-8"))
    of_views = {f"view_{view['slug']}" for view in report["views"] if view["page"]}
    assert written == {*TABLES, *of_views}
