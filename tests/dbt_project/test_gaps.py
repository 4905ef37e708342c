"""Sixty gaps planted in a year are found, all of them and no other, and each wants one action."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

import lake
from contracts import all_contracts
from dags.dbt_build import DBT_PROJECT
from tests.dbt_project import gap_year
from tests.dbt_project.gap_year import PLAN, Gap
from tests.dbt_project.small_lake import SmallLake, failed, new_lake

MODELS = ("+data_gaps", "+expected_deliveries", "+int_actions_wanted")
NO_TESTS = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
WITH_ACTION = ("never_connected", "days_missing", "area_missing", "period_missing", "field_blank")


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> SmallLake:
    """The year of gaps after one run of the models that tell of them."""
    small = new_lake(tmp_path_factory.mktemp("gap_year"))
    gap_year.write(small)
    assert failed(small.dbt("build", "--select", *MODELS, *NO_TESTS)) == {}
    return small


def test_the_plan_holds_sixty_gaps_of_every_kind_in_eight_departments() -> None:
    assert len(PLAN) == len(set(PLAN)) == 60
    assert set(Counter(gap.kind for gap in PLAN)) == {*WITH_ACTION, "late", "not_measured"}
    assert len({feed.split("__")[0] for feed in gap_year.FEEDS}) == 8


def test_all_planted_gaps_are_found_and_no_other(year: SmallLake) -> None:
    found = year.rows(
        """SELECT kind, coalesce(feed, department), first_date, last_date,
            CASE kind WHEN 'area_missing' THEN areas[1] END, detail, filled_date, filled_by
        FROM marts.data_gaps"""
    )
    assert Counter(Gap(*row) for row in found) == Counter(PLAN)


def test_each_gap_says_who_owes_it_why_and_how_late(year: SmallLake) -> None:
    """Of a month of D1 that was never sent the delivery of 1 March was to tell; it is 31 December."""
    assert year.row("FROM marts.data_gaps WHERE gap_key = 'area_missing.police__incidents.2026-02-01.D1'") == {
        "gap_key": "area_missing.police__incidents.2026-02-01.D1", "kind": "area_missing", "department": "police",
        "feed": "police__incidents", "detail": None, "title_en": "police__incidents", "title_zh": None,
        "owner": "police@x", "legal_basis": "Law", "first_date": gap_year._month(2)[0],
        "last_date": gap_year._month(2)[1], "period_count": 1, "areas": ["D1"], "expected_slice_count": 4,
        "covered_slice_count": 3, "coverage_share": 0.75, "due_date": gap_year._day(3, 1), "state": "open",
        "filled_date": None, "filled_by": None, "days_late": 305, "accepted_by": None,
    }  # fmt: skip


def test_what_came_late_says_how_many_days(year: SmallLake) -> None:
    """A district's 20 to 24 March was to come on the 21st, and was filled on 2 April."""
    late = dict(year.rows("SELECT gap_key, days_late FROM marts.data_gaps WHERE state = 'filled'"))
    assert late["area_missing.hotline__requests.2026-03-20.D4"] == 12
    assert late["days_missing.police__incidents.2026-05-14"] == 7
    assert late["late.fire__calls.2026-01-17"] == 0


def test_a_delivery_says_how_much_of_its_promise_it_kept(year: SmallLake) -> None:
    days = "SELECT due_date::VARCHAR, state, days_late, covered_slice_count, expected_slice_count"
    assert year.rows(
        f"""{days} FROM marts.expected_deliveries WHERE feed = 'hotline__requests'
            AND due_date IN (DATE '2026-01-21', DATE '2026-02-03', DATE '2026-11-01', DATE '2026-12-31')
        ORDER BY ALL"""
    ) == [
        ("2026-01-21", "on_time", 0, 3, 4), ("2026-02-03", "filled", 2, 4, 4), ("2026-11-01", "late", 0, 4, 4),
        ("2026-12-31", "on_time", 0, 3, 4),
    ]  # fmt: skip


def test_one_action_a_gap_through_ten_runs(year: SmallLake) -> None:
    wanted = Counter(gap.kind for gap in PLAN if gap.kind in WITH_ACTION and not gap.filled)
    changed = [_follow(year, minutes) for minutes in range(10)]
    assert changed == [sum(wanted.values()), *[0] * 9]
    assert dict(year.rows("SELECT subject, count(*) FROM ops.action WHERE state = 'open' GROUP BY ALL")) == wanted
    events = year.rows("SELECT count(*), count(DISTINCT action_key) FROM ops.action_event WHERE event = 'opened'")
    assert events == [(sum(wanted.values()), sum(wanted.values()))]


def test_what_is_filled_closes_by_itself(year: SmallLake, tmp_path: Path) -> None:
    small = SmallLake(Path(copytree(year.home, tmp_path / "home")))
    _follow(small)
    key = "gap.area_missing.hotline__requests.2026-12-30.D2"
    before = small.row(f"SELECT state, escalated_at FROM ops.action WHERE action_key = '{key}'")
    assert before == {"state": "open", "escalated_at": None}
    _fill(small, "hotline__requests", "D2")
    assert failed(small.dbt("run", "--select", "int_slices_delivered+")) == {}
    _follow(small)
    assert small.row(f"SELECT state FROM ops.action WHERE action_key = '{key}'") == {"state": "done"}
    assert small.rows(f"SELECT event FROM ops.action_event WHERE action_key = '{key}' ORDER BY happened_at") == [
        ("opened",), ("closed",)
    ]  # fmt: skip
    gap = small.row(f"SELECT state, filled_by, days_late FROM marts.data_gaps WHERE 'gap.' || gap_key = '{key}'")
    assert gap == {"state": "filled", "filled_by": "back_fill", "days_late": 0}


def test_the_dated_kinds_are_those_of_the_contracts() -> None:
    assert _dated_kinds() == {
        contract.name: (sorted(dated), "area_code" in contract.record_columns)
        for contract in all_contracts()
        if (dated := [name for name in contract.record_columns if name.endswith(("_at", "_date", "year"))])
    }


def _follow(small: SmallLake, minutes: int = 0) -> int:
    """Follow what is wanted as a build some minutes later would."""
    with small.connect() as connection:
        connection.execute("UPDATE ops.clock SET as_of = ?", [gap_year.AS_OF + timedelta(minutes=minutes)])
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CIVICLAKE_HOME", str(small.home))
        return lake.follow_actions()


def _fill(small: SmallLake, feed: str, area: str) -> None:
    small.add("ops.delivery", gap_year._delivery(feed, "mended", gap_year.AS_OF, window_start="2026-12-30 06:00:00+00"))
    small.add("records.service_request", gap_year._record(feed, gap_year._day(12, 30), area, "mended"))


def _dated_kinds() -> dict[str, Any]:
    """Read the macro as the list that it is."""
    macro = (DBT_PROJECT / "macros" / "kinds.sql").read_text()
    [text] = re.findall(r"return\(\s*(\{.*?\n\s*\})\s*\)", macro, re.S)
    kinds = json.loads(re.sub(r",(\s*[}\]])", r"\1", text))
    return {kind: (sorted(terms["fields"]), terms["has_area"]) for kind, terms in kinds.items()}
