"""A view is declared once: its page, report.json and its SQL, asked again, say the same."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest

from reports.city_views import VIEWS, ViewError, headline_words, needed_marts, questions, read_declared_views
from reports.city_views.cells import cell
from reports.compose import SCHEMA
from reports.metrics.marts import described_columns
from reports.published import read_facts
from reports.views import read_views_entries
from reports.words import LANGUAGES, Names
from tests.reports.morning import NOW, ZONE, Morning

SLUG = "service_levels_daily"
NAMES = Names({"2": "Quayside"}, {"Quayside": {"zh": "码头"}})


class Cells(HTMLParser):
    """The cells of each table of a page, and its figures at the top."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.figures: list[str] = []
        self._into: list[str] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td", "dd"):
            self._into = self.figures if tag == "dd" else self.rows[-1]
            self._into.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td", "dd"):
            self._into = None

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into[-1] += data


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A published file, and the site made of it."""
    morning = Morning(tmp_path_factory.mktemp("views"))
    return morning.published, morning.publish()


@pytest.fixture(scope="module")
def report(made: tuple[Path, Path]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((made[1] / "report.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def view(report: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in report["views"] if one["slug"] == SLUG)
    return found


def ask(published: Path, sql: str, columns: list[dict[str, Any]]) -> list[list[Any]]:
    """Ask a page's SQL as a reader of the page would."""
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{published}' AS published (READ_ONLY); USE published; SET TimeZone = '{ZONE.key}'")
        answer = connection.execute(sql)
        names = [column[0] for column in answer.description or []]
        rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    written = [[row[column["id"]] for column in columns] for row in rows]
    return [[value.isoformat() if isinstance(value, date) else value for value in row] for row in written]


def test_the_report_says_what_its_sql_says(made: tuple[Path, Path], view: dict[str, Any]) -> None:
    page, published = view["page"], made[0]
    assert [page["headline"]["values"]] == ask(published, page["headline"]["sql"], page["headline"]["columns"])
    assert page["table"]["rows"] == ask(published, page["table"]["sql"], page["table"]["columns"])
    for chart in page["charts"]:
        assert chart["rows"] == ask(published, chart["sql"], [chart["x"], chart["y"]])
        assert len(chart["rows"]) > 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_what_the_report_says(
    made: tuple[Path, Path], report: dict[str, Any], view: dict[str, Any], language: str
) -> None:
    cells = Cells((made[1] / language / "views" / f"{SLUG}.html").read_text(encoding="utf-8"))
    page, names = view["page"], Names(report["area_names"], report["names"])

    def written(columns: list[dict[str, Any]], values: list[Any]) -> list[str]:
        return [cell(value, column, language, names) for column, value in zip(columns, values, strict=True)]

    assert cells.figures == written(page["headline"]["columns"], page["headline"]["values"])
    for row in page["table"]["rows"]:
        assert written(page["table"]["columns"], row) in cells.rows


def test_what_records_name_is_said_in_the_language_of_the_page(made: tuple[Path, Path]) -> None:
    names = {"en": "Pothole", "zh": "路面坑洼"}
    for language, name in names.items():
        page = (made[1] / language / "views" / f"{SLUG}.html").read_text(encoding="utf-8")
        assert [one for one in names.values() if f">{one}<" in page] == [name]


def test_figures_follow_the_registry(view: dict[str, Any]) -> None:
    # a day brings 26 requests that are due in each of three areas, of which 7 are late
    headline = view["page"]["headline"]
    figures = dict(zip((column["id"] for column in headline["columns"]), headline["values"], strict=True))
    assert figures["due_on_time_share"] == pytest.approx(19 / 26)
    assert (figures["backlog_count"], figures["open_overdue_count"]) == (63, 21)
    assert view["page"]["table"]["rows"][0][0] == "Pothole"
    formulas = [one["formula"] for one in view["page"]["definitions"]]
    assert formulas == ["due_on_time_count / due_count", "strict_due_on_time_count / strict_due_count"]
    assert view["headline"]["en"] == "73.1% on time in 28 days; 21 requests are overdue"


def test_a_profile_of_districts_says_how_many_records_have_one(morning: Morning) -> None:
    """60 of 100 permits lie nowhere, and the mart has no row of nowhere."""
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{morning.write().published}' AS made; USE made")
        connection.execute("""
            INSERT INTO marts.area_profile_monthly BY NAME
            SELECT area_code, DATE '2026-10-01' AS month, 20 AS issued_permit_count, 3 AS request_count,
                0.4 AS issued_permits_placed_share, 1.0 AS requests_placed_share
            FROM (VALUES ('1'), ('2')) AS areas (area_code)""")
    facts = read_facts(morning.published, ZONE)
    entries = read_views_entries(facts.views, morning.city, facts, NOW.date())
    [found] = [one for one in entries if one["slug"] == "area_profile_monthly"]
    assert found["headline"]["en"] == "October 2026: 40 permits issued and 6 requests made in known districts"
    headline = found["page"]["headline"]
    figures = dict(zip((column["id"] for column in headline["columns"]), headline["values"], strict=True))
    assert (figures["issued_permits_placed_share"], figures["requests_placed_share"]) == (0.4, 1.0)


def test_today_shows_the_headline_and_leads_to_the_page(made: tuple[Path, Path], view: dict[str, Any]) -> None:
    today = (made[1] / "en" / "index.html").read_text(encoding="utf-8")
    assert f'<a href="views/{SLUG}.html">' in today and view["headline"]["en"] in today
    frozen = next((made[1] / "runs").iterdir()) / "en" / "index.html"
    assert f"views/{SLUG}.html" not in frozen.read_text(encoding="utf-8")


def test_a_view_not_to_be_used_has_no_headline(morning: Morning) -> None:
    morning.missing("streets__requests", 2)
    found = next(one for one in morning.report()["views"] if one["slug"] == SLUG)
    assert (found["use"], found["headline"]) == ("do_not_use", None)


def test_a_view_of_which_a_mart_was_not_published_has_no_page(morning: Morning) -> None:
    pages = {one["slug"]: one["page"] for one in morning.report()["views"]}
    assert "emergency_responses" in needed_marts(read_declared_views()["response_times_daily"])
    assert pages["response_times_daily"] is None and pages[SLUG] is not None


def test_what_senders_wrote_cannot_become_markup(made: tuple[Path, Path]) -> None:
    html = (made[1] / "en" / "views" / f"{SLUG}.html").read_text(encoding="utf-8")
    assert "Graffiti &lt;b&gt;removal" in html and "Graffiti <b>" not in html


def test_every_figure_of_the_page_is_in_its_csv(made: tuple[Path, Path], view: dict[str, Any]) -> None:
    text = (made[1] / "tables" / f"view_{SLUG}.csv").read_text(encoding="utf-8-sig")
    rows = [tuple(row.values()) for row in csv.DictReader(io.StringIO(text))]
    page = view["page"]
    for name, value in page["charts"][0]["rows"]:
        assert (page["charts"][0]["id"], name, "due_on_time_share", str(value)) in rows
    assert ("table", "Pothole", "due_count", str(28 * 12 * 3)) in rows
    assert f'href="../../tables/view_{SLUG}.csv"' in (made[1] / "en" / "views" / f"{SLUG}.html").read_text()


@pytest.mark.parametrize(
    ("count", "en", "zh"),
    [
        (1, "73.1% on time in 28 days; 1 request is overdue", "28 天按期 73.1%；逾期 1 件"),
        (0, "73.1% on time in 28 days; 0 requests are overdue", "28 天按期 73.1%；逾期 0 件"),
    ],
)
def test_one_is_told_in_the_singular(view: dict[str, Any], count: int, en: str, zh: str) -> None:
    headline = view["page"]["headline"]
    values = [count if column["id"] == "open_overdue_count" else value for column, value in zip(
        headline["columns"], headline["values"], strict=True)]
    page = {"headline": {**headline, "values": values}}
    assert headline_words(read_declared_views()[SLUG], page, NAMES) == {"en": en, "zh": zh}


def test_too_few_records_are_told_in_words_and_the_unmeasured_is_a_dash() -> None:
    column: dict[str, Any] = {"unit": "share", "values": {}, "blank": "few"}
    assert cell(None, column, "en", NAMES) == "too few to say"
    assert cell(None, {**column, "blank": "unknown"}, "zh", NAMES) == "–"


@pytest.mark.parametrize(
    ("unit", "value", "en", "zh"),
    [
        ("share", 0.6858, "68.6%", "68.6%"),
        ("count", 12345, "12,345", "12,345"),
        ("number", 8.64, "8.6", "8.6"),
        ("money", 123456789, "1,234,568", "1,234,568"),
        ("change", -0.12, "down 12%", "降 12%"),
        ("change", 0, "same", "持平"),
        ("day", "2026-11-23", "23 November", "11月23日"),
        ("month", "2026-11-01", "November 2026", "2026年11月"),
        ("area", "2", "Quayside", "码头"),
        ("area", "3", "3", "3"),
        ("area", "unplaced", "District not known", "区域不详"),
    ],
)
def test_figures_are_written_as_people_read_them(unit: str, value: Any, en: str, zh: str) -> None:
    column = {"unit": unit, "values": {}, "blank": "unknown"}
    assert [cell(value, column, language, NAMES) for language in LANGUAGES] == [en, zh]


def test_requests_nobody_tells_the_answers_of_are_not_unanswered_and_cancelled_ones_not_closed() -> None:
    """Streets tells when it answers, parks does not: of its open requests nobody knows. Each took 18 hours."""
    asked = questions(read_declared_views()["service_requests"], date(2026, 11, 23))
    with duckdb.connect() as connection:
        connection.execute("""
            CREATE SCHEMA marts;
            CREATE TABLE marts.service_rates_monthly AS FROM (
                VALUES ('streets', DATE '2026-11-01', true), ('parks', DATE '2026-11-01', false),
                    ('parks', DATE '2026-08-01', true)
            ) AS rates (department, month, is_answering_measured);
            CREATE TABLE marts.service_requests AS
            SELECT *, 'counted' AS counting_class, DATE '2026-11-20' AS opened_date, 'W' AS area_code,
                if(status = 'closed', DATE '2026-11-21', NULL) AS closed_date, 1080 AS minutes_to_close,
                false AS is_instant
            FROM (
                VALUES ('streets', 'Pothole', 'open', NULL, 1), ('streets', 'Pothole', 'open', now(), 1),
                    ('streets', 'Pothole', 'closed', now(), 30), ('parks', 'Grass', 'open', NULL, 1),
                    ('parks', 'Grass', 'cancelled', NULL, 1), ('parks', 'Grass', 'closed', now(), 29)
            ) AS requests (department, service_name, status, first_answered_at, n), range(30) AS numbers (number)
            WHERE number < n""")
        headline = connection.execute(asked["headline"]).pl().row(0, named=True)
        table = connection.execute(asked["table"]).pl().rows_by_key("service_name", named=True, unique=True)
    assert (headline["request_count"], headline["open_count"], headline["unanswered_count"]) == (63, 3, 1)
    columns = ["open_count", "unanswered_count", "closed_count", "cancelled_count", "median_days_to_close"]
    assert {name: [row[column] for column in columns] for name, row in table.items()} == {
        "Pothole": [2, 1, 30, 0, 0.75], "Grass": [1, None, 29, 1, None],
    }  # fmt: skip


def test_every_declaration_is_of_a_mart_and_asks_marts_that_there_are() -> None:
    marts = set(described_columns())
    for slug, view in read_declared_views().items():
        assert slug in marts and slug in needed_marts(view)
        assert needed_marts(view) <= marts
        assert set(questions(view, date(2026, 11, 23))) >= {"headline", "table"}


def test_no_headline_has_more_figures_than_the_report_may_have() -> None:
    view = json.loads(SCHEMA.read_text(encoding="utf-8"))["properties"]["views"]["items"]
    page = view["properties"]["page"]["anyOf"][0]
    most = page["properties"]["headline"]["properties"]["columns"]["maxItems"]
    assert max(len(one.headline.figures) for one in read_declared_views().values()) <= most


def test_a_declaration_with_a_mistake_is_told_with_its_place(tmp_path: Path) -> None:
    text = (VIEWS / "sensor_coverage.yml").read_text(encoding="utf-8")
    (tmp_path / "sensor_coverage.yml").write_text(text.replace("kind: bars", "kind: pie"), encoding="utf-8")
    with pytest.raises(ViewError, match=r"sensor_coverage.yml:\d+: .*'line', 'bars'|allowed: line, bars"):
        read_declared_views(tmp_path)


def test_a_word_after_a_figure_has_a_form_for_one_and_one_for_more(tmp_path: Path) -> None:
    text = (VIEWS / f"{SLUG}.yml").read_text(encoding="utf-8")
    (tmp_path / f"{SLUG}.yml").write_text(text.replace("request is|requests are", "requests are"), encoding="utf-8")
    with pytest.raises(ViewError, match="no word for one and for more"):
        read_declared_views(tmp_path)


def answered(slug: str, table: str) -> dict[str, list[dict[str, Any]]]:
    """Return what each question of a view answers on 23 November 2026, where its mart is `table`, SQL of its rows."""
    found = {}
    with duckdb.connect() as connection:
        connection.execute(f"CREATE SCHEMA marts; CREATE TABLE marts.{slug} AS {table}")
        for name, sql in questions(read_declared_views()[slug], date(2026, 11, 23)).items():
            answer = connection.execute(sql)
            names = [column[0] for column in answer.description or []]
            found[name] = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    return found


def hot_spots(*rows: str) -> str:
    columns = (
        "area_code, category, day, observed_count, is_measured, is_exceeded, is_flagged, kind, expected_count, burst_z"
    )
    told = ", ".join(f"({row}, 'incident', 1.0, 2.0)" for row in rows)
    return f"SELECT * REPLACE (day::DATE AS day) FROM (VALUES {told}) AS spots ({columns})"


def test_a_burst_counts_once_also_on_a_day_not_read_to_the_end() -> None:
    """Of seven days of district 1 two are unusual, one of them not read to its end; each is one of thefts too."""
    found = answered(
        "hot_spots_daily",
        hot_spots(
            *(f"'1', 'all', '2026-11-{day}', 2, true, false, false" for day in range(16, 21)),
            "'1', 'all', '2026-11-21', 12, true, true, true",
            "'1', 'theft', '2026-11-21', 12, true, true, true",
            "'1', 'all', '2026-11-22', 9, false, true, null::BOOLEAN",
            "'1', 'theft', '2026-11-22', 9, false, true, null::BOOLEAN",
        ),
    )
    assert found["headline"] == [
        {"exceeded_count": 2, "flagged_count": 1, "observed_count": 31, "unmeasured_day_count": 1}
    ]
    assert found["unusual_by_area"] == [{"area_code": "1", "exceeded_count": 2}]
    assert [row["day"].day for row in found["by_day"]] == [16, 17, 18, 19, 20, 21]
    assert date(2026, 11, 22) in [row["day"] for row in found["table"]]


def test_a_week_that_nobody_read_is_not_calm() -> None:
    unread = (f"'1', 'all', '2026-11-{day}', 1, false, null::BOOLEAN, null::BOOLEAN" for day in range(17, 23))
    [headline] = answered("hot_spots_daily", hot_spots(*unread))["headline"]
    assert (headline["exceeded_count"], headline["flagged_count"]) == (None, None)
    # the mart has no row of the first day at all
    assert headline["unmeasured_day_count"] == 7


def coverage(*rows: str) -> str:
    columns = (
        "area_code, property_code, station_count, working_station_count, unknown_station_count, covered_point_count, "
        "point_count, covered_share"
    )
    return f"FROM (VALUES {', '.join(f'({row})' for row in rows)}) AS coverage ({columns})"


def test_sensors_that_were_not_read_are_not_broken() -> None:
    table = coverage("'1', 'sound', 2, 0, 2, 0, 40, 0.0", "'2', 'sound', 0, 0, 0, 0, 40, 0.0")
    found = answered("sensor_coverage", table)
    assert found["headline"] == [
        {"working_station_count": None, "station_count": 2, "unknown_station_count": 2, "covered_share": None,
         "blind_count": None}
    ]  # fmt: skip
    assert found["by_kind"] == found["least_covered"] == []
    assert {row["covered_share"] for row in found["table"]} == {None}


def test_where_some_sensors_were_not_read_the_view_says_how_many() -> None:
    """Noise is known in district 1 and nowhere else measured; of temperature nothing is known."""
    found = answered(
        "sensor_coverage",
        coverage(
            "'1', 'sound', 2, 1, 1, 30, 40, 0.75",
            "'2', 'sound', 0, 0, 0, 0, 40, 0.0",
            "'1', 'temperature', 1, 0, 1, 0, 40, 0.0",
            "'2', 'temperature', 0, 0, 0, 0, 40, 0.0",
        ),
    )
    assert found["headline"] == [
        {"working_station_count": 1, "station_count": 3, "unknown_station_count": 2, "covered_share": 0.375,
         "blind_count": 1}
    ]  # fmt: skip
    assert found["by_kind"] == [{"property_code": "sound", "covered_share": 0.375}]
    assert found["least_covered"] == [
        {"area_code": "1", "covered_share": 0.75}, {"area_code": "2", "covered_share": 0.0}
    ]  # fmt: skip
    assert [row["covered_share"] for row in found["table"]] == [0.0, 0.75, None, None]
