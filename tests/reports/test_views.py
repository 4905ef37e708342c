from __future__ import annotations

from datetime import timedelta
from typing import Any

import duckdb

from reports.published import read_facts
from reports.views import read_views_entries
from tests.reports.morning import NOW, ZONE, Morning


def by_slug(morning: Morning) -> dict[str, Any]:
    return {view["slug"]: view for view in morning.report()["views"]}


def test_a_view_names_the_feeds_that_it_stands_on(morning: Morning) -> None:
    views = by_slug(morning)
    feeds = {"streets__requests", "police__incidents", "permits__permits"}
    assert set(views["area_profile_monthly"]["sources"]) == feeds
    assert views["service_levels_daily"]["sources"] == ["streets__requests"]


def test_a_monthly_view_reaches_to_the_day_of_the_build(morning: Morning) -> None:
    assert by_slug(morning)["area_profile_monthly"]["latest"]["en"] == "Figures up to 23 November"


def test_a_mart_over_the_ledger_alone_is_no_view_of_the_city(morning: Morning) -> None:
    assert "data_quality_daily" not in by_slug(morning)


def test_figures_of_another_day_ask_for_care_whatever_was_said_of_them_then(morning: Morning) -> None:
    morning.as_of = NOW - timedelta(days=1)
    view = by_slug(morning)["service_levels_daily"]
    assert (view["use"], view["why"]["en"]) == ("care", "Today’s run did not finish")


def test_marts_that_a_build_could_not_judge_ask_for_care(morning: Morning) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{morning.write().published}' AS made; USE made")
        connection.execute("DROP TABLE marts.mart_readiness")
        connection.execute("DELETE FROM ops.edition WHERE mart = 'mart_readiness'")
        connection.execute("UPDATE ops.edition SET use = 'care', reason = 'not_judged'")
    facts = read_facts(morning.published, ZONE)
    entries = read_views_entries(facts.views, morning.city, facts, NOW.date())
    assert {(entry["use"], entry["why"]["en"]) for entry in entries} == {
        ("care", "Nobody could tell today whether it is complete")
    }


def test_a_view_is_ready_when_all_its_feeds_are_in(morning: Morning) -> None:
    view = by_slug(morning)["service_levels_daily"]
    assert (view["use"], view["why"]["en"]) == ("ready", "All its feeds are in")
    assert view["latest"]["en"] == "Figures up to 23 November"


def test_a_view_without_its_critical_feed_is_not_to_be_used(morning: Morning) -> None:
    morning.missing("streets__requests", 2)
    view = by_slug(morning)["service_levels_daily"]
    assert (view["use"], view["last_good_day"]) == ("do_not_use", "2026-11-21")
    assert view["latest"] == {"en": "Last good figure: 21 November", "zh": "最后可靠数据：11月21日"}


def test_a_view_without_a_feed_that_is_not_critical_is_used_with_care(morning: Morning) -> None:
    morning.missing("permits__permits")
    view = by_slug(morning)["area_profile_monthly"]
    assert (view["use"], view["why"]["en"]) == ("care", "Permits has not arrived")


def test_a_refused_delivery_is_not_taken_for_data(morning: Morning) -> None:
    morning.refuse("streets__requests", "layout_removed", [["a", "b"]])
    assert by_slug(morning)["service_levels_daily"]["use"] == "do_not_use"


def test_many_records_set_aside_ask_for_care(morning: Morning) -> None:
    morning.set_aside("police__calls", "unknown_area", "area_code", 100, "Z9", "consistent")
    view = by_slug(morning)["response_times_daily"]
    assert (view["use"], view["why"]["en"]) == ("care", "10% of the records of Emergency calls were set aside")


def test_most_records_set_aside_are_not_told_as_all_of_them(morning: Morning) -> None:
    morning.set_aside("police__calls", "unknown_area", "area_code", 700, "Z9", "consistent")
    why = by_slug(morning)["response_times_daily"]["why"]
    assert why == {"en": "70% of the records of Emergency calls were set aside", "zh": "紧急呼叫有 70% 的记录被搁置"}


def test_a_late_feed_is_in_and_its_view_says_so(morning: Morning) -> None:
    morning.late("police__calls", 5)
    view = by_slug(morning)["response_times_daily"]
    assert (view["use"], view["why"]["en"]) == ("ready", "Emergency calls came late and is in")


def test_a_mart_that_was_not_published_is_never_ready(morning: Morning) -> None:
    morning.unpublished = ("response_times_daily",)
    view = by_slug(morning)["response_times_daily"]
    assert (view["use"], view["why"]["en"]) == ("do_not_use", "It has not been built")


def test_a_mart_that_kept_its_last_edition_is_not_to_be_used(morning: Morning) -> None:
    morning.editions["response_times_daily"] = NOW - timedelta(hours=2)
    assert by_slug(morning)["response_times_daily"]["use"] == "do_not_use"
    assert by_slug(morning)["service_levels_daily"]["use"] == "ready"


def test_a_view_of_which_nothing_ever_arrived_is_not_to_be_used(morning: Morning) -> None:
    morning.missing("police__calls", morning.days)
    view = by_slug(morning)["response_times_daily"]
    assert (view["use"], view["why"]["en"]) == ("do_not_use", "Nothing has arrived for it yet")
