from __future__ import annotations

import duckdb
import pytest

from reports import ReportError
from reports.facts import Facts
from reports.published import read_facts
from tests.reports.morning import TODAY, ZONE, Morning


def test_without_a_published_file_nothing_is_known(morning: Morning) -> None:
    assert read_facts(morning.folder / "nothing.duckdb", ZONE) == Facts()


def test_a_file_of_another_version_says_what_to_do(morning: Morning) -> None:
    place = morning.folder / "marts.duckdb"
    duckdb.connect(str(place)).close()
    with pytest.raises(ReportError, match="build the marts again"):
        read_facts(place, ZONE)


def test_figures_are_those_of_the_published_file(morning: Morning) -> None:
    morning.set_aside("police__calls", "unknown_area", "area_code", 4, "Z9", "consistent")
    facts = read_facts(morning.write().published, ZONE)
    today = facts.history["police__calls"][-1]
    assert (today.day, today.received, today.loaded, today.set_aside) == (TODAY, 1000, 996, 4)
    assert facts.day == TODAY


def test_a_quote_in_the_path_is_only_a_quote(morning: Morning) -> None:
    folder = morning.folder / "o'hare"
    folder.mkdir()
    place = morning.write().published.rename(folder / "marts.duckdb")
    assert read_facts(place, ZONE).day == TODAY


def test_a_feed_unknown_to_the_figures_counts_as_missing(morning: Morning) -> None:
    for day in [day for feed, day in morning.quality if feed == "police__calls"]:
        del morning.quality["police__calls", day], morning.deliveries["police__calls", day]
    feed = next(one for one in morning.report()["feeds"] if one["slug"] == "police__calls")
    assert (feed["arrival"], feed["arrived_at"], feed["score"]) == ("missing", None, None)


def test_records_are_usual_until_they_are_not(morning: Morning) -> None:
    row = morning.quality["police__calls", TODAY]
    row |= {"received": 620, "accepted": 520}
    feed = next(one for one in morning.report()["feeds"] if one["slug"] == "police__calls")
    assert feed["volume_vs_usual_pct"] == -38
    page = (morning.publish() / "en" / "index.html").read_text(encoding="utf-8")
    assert "38% fewer records than usual" in page
