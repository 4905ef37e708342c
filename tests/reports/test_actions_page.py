from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from reports.pages.actions import ActionsPage
from reports.render import render
from tests.reports.busy_morning import MISSING, busy_morning
from tests.reports.morning import Morning


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict:
    return busy_morning(tmp_path_factory.mktemp("busy")).report()


@pytest.fixture
def page(report: dict) -> ActionsPage:
    return ActionsPage(report, "en")


def test_what_is_overdue_comes_before_what_is_due_today(page: ActionsPage) -> None:
    groups = dict(page.groups)
    assert [action["id"] for action in groups["now"]] == ["gap.area", MISSING, "layout.permits__permits"]
    assert {action["cause"] for action in groups["week"]} == {"late", "rule"}
    assert [action["id"] for action in groups["later"]] == ["gap.field"]


def test_the_groups_hold_every_open_action_once(page: ActionsPage, report: dict) -> None:
    grouped = [action["id"] for _, actions in page.groups for action in actions]
    live = [action["id"] for action in report["actions"] if action["status"] in ("open", "acknowledged")]
    assert sorted(grouped) == sorted(live)
    assert dict(page.facts)["Open"] == str(len(live))


def test_the_headline_counts_and_the_summary_says_what_is_urgent(page: ActionsPage) -> None:
    assert page.headline == "7 actions wait for someone"
    assert page.summary == ["1 is overdue.", "3 departments must act today."]


def test_what_people_said_stands_beside_the_action(page: ActionsPage) -> None:
    html = render(page)
    for said in ("Seen by Lee on 23 November", "Taken over by Kim", "Note: The server moves today"):
        assert said in html
    assert "The office was closed in March" in html.partition("h-accepted")[2]


def test_what_is_done_says_when_the_newest_first(page: ActionsPage) -> None:
    assert [action["id"] for action in page.done] == ["rule.b", "late.a"]
    done = render(page).partition('id="h-done"')[2]
    assert done.index("22 November") < done.index("20 November")


def test_an_action_links_to_its_feed_and_its_department(page: ActionsPage) -> None:
    html = render(page)
    assert '<a href="feeds/streets__requests.html">Street requests has not arrived since 21 November</a>' in html
    assert '<a href="departments/streets.html">Streets</a>' in html


def test_on_a_good_morning_the_page_says_so(morning: Morning) -> None:
    page = ActionsPage(morning.report(), "en")
    html = render(page)
    assert page.headline == "Nobody needs to act"
    assert "No action was closed in the last 30 days." in html


def test_today_shows_no_action_that_waits_for_nobody(tmp_path: Path) -> None:
    site = busy_morning(tmp_path).publish()
    today = (site / "en" / "index.html").read_text(encoding="utf-8")
    assert "7 open actions" in today
    assert "The office was closed in March" not in today
    rows = list(csv.DictReader(io.StringIO((site / "tables" / "actions.csv").read_text(encoding="utf-8-sig"))))
    assert [row["status"] for row in rows].count("done") == 2
