"""What every page of the site must be, whoever made it: each is opened once in a language and size, offline."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext

from reports.pages.frame import HTML_LANGUAGES
from reports.pages.page import Page
from reports.pages.site_map import site_pages
from tests.reports.morning import Morning, bad_morning
from tests.reports.test_today import FORBIDDEN
from tests.reports.test_today import Page as Parsed

DESK, PHONE = {"width": 1366, "height": 860}, {"width": 320, "height": 640}
SIZES = {"desk": DESK, "phone": PHONE}
MANAGERS = {"today", "actions", "departments", "views", "gaps", "changes"}
"""The sections of the main menu that are written in the words of managers."""

KILOBYTES = {"views": 150, "gaps.html": 60, "changes.html": 60, "method.html": 60, "accessibility.html": 60,
             "privacy.html": 60, "glossary.html": 60, "connect.html": 40}  # fmt: skip
"""What a page may weigh, by its folder or name; any other 100."""

ABOUT_A_PAGE = """() => ({
    title: document.title,
    lang: document.documentElement.lang,
    h1: document.querySelectorAll('h1').length,
    width: document.documentElement.scrollWidth,
    links: [...document.querySelectorAll('a[href]')].map(link => link.href),
})"""


@dataclass(frozen=True)
class Visit:
    """What a browser of one language and size found on a page."""

    page: Page
    size: str
    found: dict[str, Any]
    asked: list[str]
    said: list[str]
    first_stop: str

    @property
    def place(self) -> str:
        return f"{self.page.language}/{self.page.path} ({self.size})"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of two runs, so that it links to an earlier report."""
    morning = bad_morning(tmp_path_factory.mktemp("site"))
    last, morning.run_id = morning.run_id, "20261122T114200Z"
    morning.publish()
    morning.run_id = last
    return morning.publish()


@pytest.fixture(scope="module")
def pages(site: Path) -> list[Page]:
    report = json.loads((site / "report.json").read_text(encoding="utf-8"))
    return [page for language in HTML_LANGUAGES for page in site_pages(report, language)]


@pytest.fixture(scope="module")
def visits(browser: Browser, site: Path, pages: list[Page]) -> list[Visit]:
    """Every page in both languages and sizes, each opened once."""
    return [
        visit
        for language in HTML_LANGUAGES
        for size in SIZES
        for visit in tour(browser, site, [page for page in pages if page.language == language], size)
    ]


def tour(browser: Browser, site: Path, pages: list[Page], size: str) -> Iterator[Visit]:
    context = browser.new_context(viewport=SIZES[size], offline=True)
    tab = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    for page in pages:
        asked.clear()
        said.clear()
        tab.goto((site / page.language / page.path).as_uri())
        found = tab.evaluate(ABOUT_A_PAGE)
        tab.keyboard.press("Tab")
        stop = tab.evaluate("document.activeElement.className + ' ' + document.activeElement.getAttribute('href')")
        yield Visit(page, size, found, list(asked), list(said), stop)
    context.close()


def test_every_page_has_a_title_of_its_own_that_names_the_day(visits: list[Visit]) -> None:
    titles = Counter((visit.page.language, visit.found["title"]) for visit in visits if visit.size == "desk")
    assert [title for title, count in titles.items() if count > 1] == []
    for visit in visits:
        assert visit.found["title"] == visit.page.title


def test_every_page_says_its_language_and_has_one_heading_of_the_first_level(visits: list[Visit]) -> None:
    wrong = [v.place for v in visits if (v.found["lang"], v.found["h1"]) != (HTML_LANGUAGES[v.page.language], 1)]
    assert wrong == []


def test_no_page_asks_for_anything_but_itself_or_complains(visits: list[Visit], site: Path) -> None:
    asked = {visit.place: visit.asked[1:] for visit in visits if len(visit.asked) > 1}
    assert asked == {}
    assert {visit.place: visit.said for visit in visits if visit.said} == {}


def test_no_page_is_wider_than_a_phone(visits: list[Visit]) -> None:
    wide = {visit.place: visit.found["width"] for visit in visits if visit.found["width"] > SIZES[visit.size]["width"]}
    assert wide == {}


def test_the_first_tab_of_every_page_is_the_skip_link(visits: list[Visit]) -> None:
    assert {visit.place: visit.first_stop for visit in visits if visit.first_stop != "skip #main"} == {}


def test_every_link_of_every_page_leads_to_a_file_of_the_site(visits: list[Visit], site: Path) -> None:
    root, ids = site.resolve(), {}
    for visit in visits:
        for address in visit.found["links"]:
            parts = urlsplit(address)
            if parts.scheme == "mailto":
                continue
            assert parts.scheme == "file", (visit.place, address)
            file = Path(unquote(parts.path)).resolve()
            assert file.is_file() and file.is_relative_to(root), (visit.place, address)
            if parts.fragment:
                text = ids.setdefault(file, file.read_text(encoding="utf-8"))
                assert f'id="{unquote(parts.fragment)}"' in text, (visit.place, address)


def kinds(pages: list[Page]) -> list[Page]:
    """Return the first page of each kind."""
    return list({type(page): page for page in reversed(pages)}.values())


@pytest.fixture(params=[(language, size) for language in HTML_LANGUAGES for size in SIZES], ids="-".join)
def unguarded(browser: Browser, request: pytest.FixtureRequest) -> Iterator[tuple[str, BrowserContext]]:
    """A browser that lets axe into a page, past the page's own policy."""
    language, size = request.param
    context = browser.new_context(viewport=SIZES[size], bypass_csp=True)
    yield language, context
    context.close()


def test_axe_finds_nothing_on_any_kind_of_page(
    unguarded: tuple[str, BrowserContext], site: Path, pages: list[Page]
) -> None:
    language, context = unguarded
    tab, broken = context.new_page(), {}
    for page in kinds([page for page in pages if page.language == language]):
        tab.goto((site / language / page.path).as_uri())
        answer = Axe().run(tab).response
        assert answer["testEngine"]["name"] == "axe-core"
        rules = {one["id"]: [node["html"][:120] for node in one["nodes"]][:3] for one in answer["violations"]}
        broken |= {page.path: rules} if rules else {}
    assert broken == {}


def test_axe_would_find_what_is_wrong(browser: Browser) -> None:
    context = browser.new_context(bypass_csp=True)
    tab = context.new_page()
    tab.set_content("<html><title>t</title><body><img src='data:,'><p style='color:#aaa'>faint</p></body></html>")
    found = {one["id"] for one in Axe().run(tab).response["violations"]}
    context.close()
    assert {"image-alt", "color-contrast", "html-has-lang", "region"} <= found


def written(site: Path, page: Page) -> str:
    return (site / page.language / page.path).read_text(encoding="utf-8")


def test_no_page_is_heavier_than_its_budget(site: Path, pages: list[Page]) -> None:
    for page in pages:
        parts = Path(page.path).parts
        budget = next((KILOBYTES[part] for part in parts if part in KILOBYTES), 100)
        assert len(written(site, page).encode()) <= budget * 1000, page.path


def test_managers_pages_say_no_word_of_engineers_and_no_long_sentence(site: Path, pages: list[Page]) -> None:
    told = {page.path: Parsed(written(site, page)) for page in pages if page.section in MANAGERS}
    assert told
    for place, page in told.items():
        said = " ".join(page.texts)
        assert [word for word in FORBIDDEN if re.search(rf"\b{word}s?\b", said, re.IGNORECASE)] == [], place
        sentences = [one for text in page.texts for one in re.split(r"[.。？?]\s", text)]
        assert [one for one in sentences if len(one.split()) > 25] == [], place


def test_managers_pages_hold_no_script(site: Path, pages: list[Page]) -> None:
    told = [page for page in pages if page.section in MANAGERS]
    assert [page.path for page in told if "<script" in written(site, page)] == []


def test_chinese_pages_of_managers_leave_no_sentence_in_english(site: Path, pages: list[Page]) -> None:
    for page in (one for one in pages if one.language == "zh" and one.section in MANAGERS):
        for text in Parsed(written(site, page)).texts:
            assert re.findall(r"[A-Za-z]{2,}(?: [A-Za-z]{2,}){2,}", text) == [], (page.path, text)


def test_no_page_shows_a_key_in_place_of_its_words(site: Path, pages: list[Page]) -> None:
    for page in pages:
        if page.section in MANAGERS:
            said = " ".join(Parsed(written(site, page)).texts)
            assert re.findall(r"\{\w*\}|\bundefined\b", said) == [], page.path


def test_a_morning_on_which_all_is_well_has_the_same_kinds_of_pages(tmp_path: Path, pages: list[Page]) -> None:
    well = Morning(tmp_path).report()
    assert {type(page) for page in site_pages(well, "en")} == {type(page) for page in pages}
