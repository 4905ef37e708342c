"""What every page must be, whatever the morning: plain, translated, light, alone, and without personal values."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reports import ReportError, compose
from reports.words import LANGUAGES, TEXTS
from tests.reports.morning import CANARIES, TODAY, Morning, bad_morning

FORBIDDEN = ["null", "schema", "quarantine", "pipeline", "DAG", "SLA", "task", "ingest", "exception", "upstream"]
VOID = {"meta", "link", "br", "img", "input", "hr", "wbr"}


class Page(HTMLParser):
    """A page's texts (sentences and table cells, not code), its tags, and every address it names."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip() and not {"style", "pre"} & set(self._open):
            self.texts.append(data.strip())


def failed_morning(tmp_path: Path) -> Morning:
    return Morning(tmp_path, status="failed", days=1)


def large_morning(tmp_path: Path) -> Morning:
    departments = {
        f"department{number:02}": (
            {"en": f"Department of Matter {number}", "zh": f"第 {number} 局"},
            {
                f"feed{feed}": ({"en": f"Records {number} {feed}", "zh": f"记录 {number} {feed}"}, "incident", 2, False)
                for feed in range(4)
            },
        )
        for number in range(20)
    }
    morning = Morning(tmp_path, departments=departments)
    for place, feed in enumerate(morning.city.feeds):
        if place % 3 == 0:
            morning.missing(feed, 2)
        else:
            morning.set_aside(feed, "blank", "category", 2, None, "complete")
    return morning


MORNINGS = [Morning, bad_morning, failed_morning, large_morning]


@pytest.fixture(scope="module", params=MORNINGS, ids=lambda make: make.__name__)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return request.param(tmp_path_factory.mktemp("site")).publish()


@pytest.fixture(params=LANGUAGES)
def html(site: Path, request: pytest.FixtureRequest) -> str:
    return (site / request.param / "index.html").read_text(encoding="utf-8")


def test_a_page_says_none_of_the_words_of_engineers(html: str) -> None:
    said = " ".join(Page(html).texts)
    assert [word for word in FORBIDDEN if re.search(rf"\b{word}s?\b", said, re.IGNORECASE)] == []


def test_sentences_have_25_words_at_most(html: str) -> None:
    for text in Page(html).texts:
        for sentence in re.split(r"[.。？?]\s", text):
            assert len(sentence.split()) <= 25, sentence


def test_a_page_asks_nothing_of_the_outside(html: str) -> None:
    page = Page(html)
    addresses = [tag[1].get(name) or "" for tag in page.tags for name in ("href", "src", "action", "data")]
    assert [address for address in addresses if re.match(r"(https?:)?//", address)] == []
    assert "script" not in {tag for tag, _ in page.tags}
    assert "url(" not in html and "@import" not in html
    assert "default-src 'none'" in html


def test_internal_links_lead_to_files_that_exist(site: Path) -> None:
    for page in [site / "index.html", *site.rglob("*/index.html")]:
        for tag, attributes in Page(page.read_text(encoding="utf-8")).tags:
            address = attributes.get("href") or "#"
            if tag == "a" and not address.startswith(("#", "mailto:")):
                assert (page.parent / address).is_file(), (page, address)


def test_a_page_has_one_title_with_its_date_one_h1_and_its_language(site: Path) -> None:
    for language, code in {"en": "en", "zh": "zh-Hans"}.items():
        page = Page((site / language / "index.html").read_text(encoding="utf-8"))
        tags = [tag for tag, _ in page.tags]
        assert (tags.count("h1"), tags.count("title"), tags.count("main")) == (1, 1, 1)
        assert dict(page.tags)["html"] == {"lang": code}
    assert "2026年11月23日" in page.texts[0]


def test_the_chinese_page_leaves_no_sentence_in_english(site: Path) -> None:
    for text in Page((site / "zh" / "index.html").read_text(encoding="utf-8")).texts:
        english = re.findall(r"[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}", text)
        assert english == [], text


def test_every_chart_carries_a_sentence_or_is_beside_its_words(html: str) -> None:
    for tag, attributes in Page(html).tags:
        if tag == "svg":
            is_picture = attributes.get("role") == "img" and len(attributes.get("aria-label") or "") > 10
            assert is_picture or attributes.get("aria-hidden") == "true"


def test_a_page_weighs_100_kb_at_most(html: str) -> None:
    assert len(html.encode()) <= 100_000


def test_no_personal_value_of_the_published_file_is_shown(site: Path) -> None:
    written = [place.read_text(encoding="utf-8") for place in site.rglob("*") if place.is_file()]
    assert [canary for canary in CANARIES for text in written if canary in text] == []


def test_what_senders_wrote_cannot_become_markup(tmp_path: Path) -> None:
    page = (bad_morning(tmp_path).publish() / "en" / "index.html").read_text(encoding="utf-8")
    assert "Z9 &lt;b&gt;&amp;" in page
    assert "<code>&lt;i&gt;fee</code> is now <code>fee_due</code>" in page


def test_the_page_says_what_the_report_says(tmp_path: Path) -> None:
    morning = bad_morning(tmp_path)
    site = morning.publish()
    report = json.loads((site / "report.json").read_text(encoding="utf-8"))
    for language in LANGUAGES:
        said = " ".join(Page((site / language / "index.html").read_text(encoding="utf-8")).texts)
        for told in [*report["actions"], *report["views"]]:
            assert told.get("title", told.get("name"))[language] in said
        assert str(report["score"]["city"]["value"]) in said
        assert f"{sum(feed['records_in'] for feed in report['feeds']):,}" in said


def test_rows_that_do_not_fit_are_on_a_page_that_today_leads_to(tmp_path: Path) -> None:
    site = large_morning(tmp_path).publish()
    open_actions = len(json.loads((site / "report.json").read_text(encoding="utf-8"))["actions"])
    said = f"{open_actions - 20} more are on the page of actions."
    assert f'<a href="actions.html">{said}</a>' in (site / "en" / "index.html").read_text(encoding="utf-8")
    (kept,) = site.glob("runs/*/en/index.html")
    assert f"{open_actions - 20} more are in the data file." in kept.read_text(encoding="utf-8")


def test_a_report_that_breaks_its_schema_is_not_rendered(morning: Morning, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.departments.rounded", lambda score: 101)
    with pytest.raises(ReportError, match="breaks report.schema.json"):
        morning.report()


def test_the_schema_is_a_valid_schema_that_allows_nothing_unsaid() -> None:
    schema = json.loads(compose.SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)

    def objects(part: Any) -> Any:
        if isinstance(part, dict):
            if part.get("type") == "object":
                yield part
            for inner in part.values():
                yield from objects(inner)

    assert all(part["additionalProperties"] is False for part in objects(schema))


def test_every_text_is_there_in_every_language_with_the_same_gaps() -> None:
    def leaves(part: Any) -> Any:
        if set(part) == set(LANGUAGES):
            yield part
        else:
            for inner in part.values():
                yield from leaves(inner)

    for told in leaves(TEXTS):
        en = told["en"] if isinstance(told["en"], str) else told["en"][1]
        gaps = [set(re.findall(r"{(\w+)}", text)) for text in (en, told["zh"])]
        assert gaps[0] - {"n"} >= gaps[1] - {"n"}, told


def test_the_strip_ends_on_the_day_of_the_figures(morning: Morning) -> None:
    morning.missing("police__calls")
    page = (morning.publish() / "en" / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'class="d">(\d+)<', page)[-1] == str(TODAY.day)
