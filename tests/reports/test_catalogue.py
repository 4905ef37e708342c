from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import duckdb
import pytest

from reports.facts import CatalogueColumn, CatalogueTable
from reports.published import read_facts
from reports.sample_sql import sample_sql
from tests.reports.morning import ZONE, Morning


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Morning(tmp_path_factory.mktemp("catalogue")).publish()


def read(site: Path, place: str) -> str:
    return (site / place).read_text(encoding="utf-8")


def catalogue(site: Path) -> dict[str, dict[str, object]]:
    report = json.loads(read(site, "report.json"))
    return {f"{table['schema']}.{table['name']}": table for table in report["catalogue"]}


def test_every_table_has_a_page_and_the_index_leads_to_it(site: Path) -> None:
    for language in ("en", "zh"):
        index = read(site, f"{language}/catalogue/index.html")
        for place, table in catalogue(site).items():
            name = table["name"] if table["schema"] == "marts" else place
            assert f'href="{name}.html"' in index
            assert table["row"][language] in read(site, f"{language}/catalogue/{name}.html")  # type: ignore[index]


def test_a_mart_is_traced_through_what_lies_between_to_kinds_and_feeds(site: Path) -> None:
    mart = catalogue(site)["marts.service_levels_daily"]
    assert mart["made_of"] == [
        {"table": "records.service_request", "through": ["intermediate.int_services"]},
        {"table": "ops.delivery", "through": ["intermediate.int_services"]},
    ]
    assert mart["feeds"] == ["streets__requests"]
    kind = catalogue(site)["records.service_request"]
    assert (kind["used_by"], kind["feeds"]) == (["marts.service_levels_daily"], ["streets__requests"])


def test_the_picture_says_what_the_list_says(site: Path) -> None:
    page = read(site, "en/catalogue/service_levels_daily.html")
    picture = re.search(r'<svg[^>]*class="lineage".*?</svg>', page, re.DOTALL)
    assert picture and 'role="img" aria-label="marts.service_levels_daily' in picture[0]
    for box in ("records.service_request", "ops.delivery", "int_services", "marts.service_levels_daily"):
        assert f">{box}</text>" in picture[0]
        assert box in page.replace(picture[0], "")


def test_blank_shares_are_counted_and_what_nobody_counted_is_a_dash(site: Path) -> None:
    mart = catalogue(site)["marts.service_levels_daily"]
    assert {one["name"]: one["blank_pct"] for one in mart["columns"]} == {"area_code": 33.3, "day": 0.0}  # type: ignore[attr-defined]
    assert "33.3%" in read(site, "en/catalogue/service_levels_daily.html")
    assert catalogue(site)["records.service_request"]["rows"] is None


def test_what_is_personal_is_said_with_what_became_of_it(site: Path) -> None:
    page = read(site, "en/catalogue/records.service_request.html")
    assert "yes: a keyed code stands in its place" in page
    assert "yes: never enters the lake" in page
    privacy = read(site, "en/privacy.html")
    for field in ("requester_phone", "requester_name"):
        assert f"<code>{field}</code>" in privacy
    assert "request_id" not in privacy


def test_only_the_index_has_a_script_and_its_policy_names_it(site: Path) -> None:
    with_script = {str(page.relative_to(site)) for page in site.rglob("*.html") if "<script" in page.read_text("utf-8")}
    assert with_script == {"en/catalogue/index.html", "zh/catalogue/index.html"}
    for place in with_script:
        page = read(site, place)
        (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"script-src 'sha256-{digest}'" in page


def test_sample_questions_and_those_of_the_connect_page_can_be_asked(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    morning = Morning(tmp_path)
    morning.write()
    (tmp_path / "city.duckdb").write_bytes(morning.published.read_bytes())
    monkeypatch.chdir(tmp_path)
    page = read(site, "en/catalogue/connect.html")
    blocks = re.findall(r'data-language="(\w+)"><code>(.*?)</code>', page, re.DOTALL)
    told = [(language, code.replace("&#34;", '"').replace("&gt;", ">")) for language, code in blocks]
    with duckdb.connect() as connection:
        for code in (code for language, code in told if language == "sql"):
            connection.execute(code)
        for table in catalogue(site).values():
            for sql in table["samples"] if table["schema"] == "marts" else []:  # type: ignore[attr-defined]
                connection.execute(sql).fetchall()
        whole, exported = (
            connection.execute(f"SELECT count(*) FROM {place}").fetchall()
            for place in ("marts.service_levels_daily", "'service_levels_daily.parquet'")
        )
        assert exported == whole != [(0,)]
    assert len((tmp_path / "service_levels_daily.csv").read_text().splitlines()) == whole[0][0] + 1
    for code in (code for language, code in told if language == "python"):
        exec(code, {})


def test_a_sample_shows_the_key_and_the_figures_the_newest_first() -> None:
    names = {"day": "DATE", "note": "VARCHAR", "late_count": "BIGINT", "department": "VARCHAR", "select": "VARCHAR"}
    columns = tuple(CatalogueColumn(name, kind, {}, (), "public", None, None) for name, kind in names.items())
    table = CatalogueTable("marts", "one", None, {}, {}, ("department", "select"), (), (), 1, columns)
    newest, counted = sample_sql(table)
    assert newest == (
        'SELECT department, "select", late_count, day, note\nFROM marts.one\nORDER BY day DESC\nLIMIT 20;'
    )
    assert "GROUP BY ALL" in counted


def test_facts_carry_the_catalogue_as_the_build_wrote_it(tmp_path: Path) -> None:
    facts = read_facts(Morning(tmp_path).write().published, ZONE)
    places = [table.place for table in facts.catalogue]
    assert places == sorted(places) and "intermediate.int_services" in places
