from __future__ import annotations

from typing import Any

import pytest

from contracts.contract import all_rules
from reports.pages.departments import DepartmentPage, DepartmentsPage
from reports.render import render
from reports.words import TEXTS
from tests.reports.busy_morning import busy_morning
from tests.reports.morning import Morning


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return busy_morning(tmp_path_factory.mktemp("busy")).report()


@pytest.fixture
def police(report: dict[str, Any]) -> DepartmentPage:
    return DepartmentPage(report, "en", "police")


def test_six_measures_make_the_score_each_with_what_was_counted(police: DepartmentPage) -> None:
    told = {name: (cell[1], counted) for name, _, cell, counted in police.measures}
    assert list(told) == ["Complete", "Unique", "Consistent", "On time", "Valid", "Accurate"]
    assert told["On time"] == ("96", "27 of 28 deliveries in 14 days")


def test_an_unmeasured_dimension_is_a_dash_and_says_so(report: dict[str, Any]) -> None:
    permits = DepartmentPage(report, "en", "permits")
    *_, (_, _, cell, counted) = permits.measures
    assert (cell[1], counted) == ("–", "No check measures this yet.")


def test_figures_of_an_earlier_day_say_of_which(report: dict[str, Any]) -> None:
    streets = DepartmentPage(report, "en", "streets")
    assert streets.measures[0][3] == "990 of 1,000 required cells, as of 21 November"


def test_the_reasons_are_those_of_its_own_feeds(police: DepartmentPage, report: dict[str, Any]) -> None:
    assert sum(reason["count"] for reason in police.set_aside) == 45
    assert DepartmentPage(report, "en", "streets").set_aside == []
    assert "<code>Z9 &lt;b&gt;&amp;</code>" in render(police)


def test_each_problem_is_told_once_with_how_to_mend_it(report: dict[str, Any], police: DepartmentPage) -> None:
    assert [problem for problem, _ in police.fixes] == [
        "A delivery arrived late", "A required value is blank", "The district code is not on the city's list"
    ]  # fmt: skip
    (layout,) = DepartmentPage(report, "en", "permits").fixes
    assert layout[0] == "The layout changed"


def test_every_rule_of_the_contracts_has_a_way_to_mend_it() -> None:
    for rule in all_rules().values():
        assert rule.id in TEXTS["fix"] or f"of_{rule.dimension}" in TEXTS["fix"]


def test_its_open_actions_and_gaps_are_its_own(police: DepartmentPage, report: dict[str, Any]) -> None:
    assert {action["department"] for action in police.actions} == {"police"}
    assert len(police.actions) == next(one for one in report["departments"] if one["slug"] == "police")["open_actions"]
    assert "did not come on 2 of the last 14 days" in render(DepartmentPage(report, "en", "streets"))
    assert [gap["id"] for gap in police.gaps] == ["gap.area", "gap.field"]


def test_the_index_leads_to_each_department(report: dict[str, Any]) -> None:
    html = render(DepartmentsPage(report, "en"))
    for slug in ("police", "streets", "permits"):
        assert f'<a href="{slug}.html">' in html


def test_a_department_without_a_day_has_a_page(morning: Morning) -> None:
    morning.quality.clear()
    morning.deliveries.clear()
    html = render(DepartmentPage(morning.report(), "en", "police"))
    assert '<div class="n">–' in html
    assert "A delivery has not arrived" in html
