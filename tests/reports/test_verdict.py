from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from reports import report
from tests.reports.morning import NOW, Morning


def all_well(morning: Morning) -> None:
    pass


def run_failed(morning: Morning) -> None:
    morning.status = "failed"


def critical_feed_missing(morning: Morning) -> None:
    morning.missing("streets__requests")


def one_department_at_act_now(morning: Morning) -> None:
    morning.worse("permits__permits", "valid", 100)


def two_departments_at_act_now(morning: Morning) -> None:
    morning.worse("permits__permits", "valid", 100)
    morning.worse("streets__requests", "valid", 100)


def one_department_needs_care(morning: Morning) -> None:
    morning.worse("permits__permits", "valid", 700)


@pytest.mark.parametrize(
    ("scenario", "rule_id", "level", "en", "zh"),
    [
        (run_failed, "R1", "act", "Today’s run did not finish. Figures are from 6:42am on 23 November.",
         "今天的运行没有完成。数据截至11月23日 6:42。"),
        (critical_feed_missing, "R2", "act", "1 problem needs someone now.", "有 1 个问题需要立即处理。"),
        (one_department_at_act_now, "R3", "act", "Most city data is ready. Building Permits needs someone today.",
         "大部分城市数据可用。建筑许可今天需要有人处理。"),
        (two_departments_at_act_now, "R4", "act", "2 departments need someone today.", "2 个部门今天需要有人处理。"),
        (one_department_needs_care, "R5", "care", "City data is ready. 1 thing to watch.",
         "城市数据可用。有 1 项需要留意。"),
        (all_well, "R6", "ok", "All city data is ready.", "所有城市数据均可用。"),
    ],
)  # fmt: skip
def test_each_rule_writes_its_sentence_in_both_languages(morning, scenario, rule_id, level, en, zh) -> None:
    scenario(morning)
    verdict = morning.report()["verdict"]
    assert (verdict["rule_id"], verdict["level"]) == (rule_id, level)
    assert verdict["headline"] == {"en": en, "zh": zh}


def test_a_failed_run_comes_before_every_other_problem(morning: Morning) -> None:
    morning.missing("streets__requests")
    morning.status = "failed"
    assert morning.report()["verdict"]["rule_id"] == "R1"


def test_the_summary_counts_arrivals_and_names_what_not_to_use(morning: Morning) -> None:
    morning.missing("streets__requests")
    morning.late("police__calls", 48)
    said = [sentence["text"]["en"] for sentence in morning.report()["verdict"]["summary"]]
    assert said == [
        "2 of 4 feeds arrived on time; 1 came late and 1 did not come.",
        "Do not use Area profiles and Service levels.",
        "Everything else can be used.",
    ]


def test_the_summary_names_what_came_and_could_not_be_taken_in(tmp_path: Path) -> None:
    morning = Morning(tmp_path)
    morning.refuse("permits__permits", "layout_removed", [])
    said = [sentence["text"]["en"] for sentence in morning.report()["verdict"]["summary"]]
    assert said == [
        "All 4 feeds that were due arrived on time.",
        "Permits could not be taken in.",
        "Every city view can be used, with care for Area profiles.",
    ]


def test_the_first_run_ever_is_a_whole_report(tmp_path: Path) -> None:
    morning = Morning(tmp_path, days=1)
    report = morning.report()
    assert report["verdict"]["rule_id"] == "R6"
    assert report["score"]["city"]["delta_1d"] is None
    assert report["run"]["previous_run_id"] is None
    page = (morning.publish() / "en" / "index.html").read_text()
    assert "first day" in page


def test_before_the_first_good_build_the_page_says_that_there_are_no_figures(morning: Morning) -> None:
    morning.status = "failed"
    nothing = morning.folder / "nothing"
    page = report(nothing, morning.city, morning.run(), morning.out).parent / "en" / "index.html"
    assert "There are no figures yet." in page.read_text()
    assert "All city data is ready" not in page.read_text()


def test_a_day_without_a_build_does_not_pass_for_today(tmp_path: Path) -> None:
    morning = Morning(tmp_path, as_of=NOW - timedelta(days=1), status="failed")
    verdict = morning.report()["verdict"]
    assert verdict["headline"]["en"].endswith("Figures are from 6:42am on 22 November.")
    assert verdict["summary"][0]["text"]["en"] == "Nothing that arrived since then is in these figures."
    assert {view["use"] for view in morning.report()["views"]} == {"care"}
