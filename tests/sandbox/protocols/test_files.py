from __future__ import annotations

import csv
from io import BytesIO, StringIO
from xml.etree import ElementTree

import openpyxl

from sandbox import city_on

ATOM = "{http://www.w3.org/2005/Atom}"


def test_the_workbook_has_three_title_rows_a_header_row_and_figures_as_text(ask) -> None:
    book = openpyxl.load_workbook(BytesIO(ask("/planning/plans/targets-2026.xlsx").content))
    sheet = book["Targets"]
    rows = list(sheet.iter_rows(values_only=True))
    assert {str(area) for area in sheet.merged_cells.ranges} == {"A1:P1", "A3:F3", "G3:J3", "K3:P3"}
    assert rows[3][:2] == ("Measure code", "Goal")
    assert len(rows) == 4 + 24 * 4
    assert any("," in row[9] for row in rows[4:])


def test_the_measures_have_a_byte_order_mark_two_titles_and_thousands_commas(ask) -> None:
    body = ask("/planning/plans/measures.csv").content
    assert body.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(StringIO(body.decode("utf-8-sig"))))
    assert lines[2] == ["measure code", "month", "value", "reported on"]
    assert any("," in line[2] for line in lines[3:])


def test_on_day_5_the_column_value_has_another_name_and_on_day_6_its_own_again(ask, server) -> None:
    for day, name in ((4, "value"), (5, "actual"), (6, "value")):
        server.day = day
        header = ask("/planning/plans/measures.csv").text.splitlines()[2]
        assert header == f"measure code,month,{name},reported on"


def test_a_file_that_the_reader_holds_is_not_sent_again(ask) -> None:
    first = ask("/planning/plans/targets-2026.xlsx")
    assert first.headers["Last-Modified"]
    again = ask("/planning/plans/targets-2026.xlsx", {"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_index_page_links_the_files(ask) -> None:
    assert 'href="measures.csv"' in ask("/planning/plans/").text


def test_the_news_are_rss_with_the_last_sixty_items_newest_first_and_one_empty_poll(ask, server) -> None:
    root = ElementTree.fromstring(ask("/voice/news.rss").content)
    items = root.findall("channel/item")
    assert (root.tag, root.get("version"), len(items)) == ("rss", "2.0", len(server.city.records("voice__news")))
    assert items[0].findtext("guid") > items[-1].findtext("guid")
    server.day = 2
    assert ElementTree.fromstring(ask("/voice/news.rss").content).findall("channel/item") == []


def test_the_forum_is_atom_with_authors_in_two_languages(ask) -> None:
    entries = ElementTree.fromstring(ask("/voice/forum.atom").content).findall(f"{ATOM}entry")
    assert all(entry.findtext(f"{ATOM}author/{ATOM}email") for entry in entries)
    titles = [entry.findtext(f"{ATOM}title") or "" for entry in entries]
    assert any(title.isascii() for title in titles) and any(not title.isascii() for title in titles)


def test_at_scale_one_the_windows_hold_sixty_news_items_and_a_hundred_and_twenty_posts() -> None:
    posts = city_on(7, 1, 1).records("voice__forum")
    assert len(city_on(7, 1, 1).records("voice__news")) == 60
    assert len({post["id"] for post in posts}) == 120


def test_the_districts_are_twelve_closed_rings(ask) -> None:
    collection = ask("/statistics/areas.geojson").json()
    assert collection["type"] == "FeatureCollection"
    rings = [feature["geometry"]["coordinates"][0] for feature in collection["features"]]
    assert len(rings) == 12
    assert all(ring[0] == ring[-1] and len(ring) == 5 for ring in rings)


def test_the_population_table_mixes_totals_with_parts(ask) -> None:
    rows = list(csv.DictReader(StringIO(ask("/statistics/population.csv").text)))
    assert {row["code"] for row in rows} == {f"D{n:02d}" for n in range(1, 13)} | {"ALL"}
    assert {"TOTAL", "65+"} <= {row["age_group"] for row in rows}


def test_an_unknown_path_is_not_found_and_says_what_there_is(ask) -> None:
    answer = ask("/nothing")
    assert answer.status_code == 404
    assert "/police/resource/" in answer.json()["systems"]
