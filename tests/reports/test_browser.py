"""The pages as a reader has them: in a real browser, offline, from the file system."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, Page

from reports import charts
from reports.pages.frame import HTML_LANGUAGES
from tests.reports.morning import TODAY, Morning, bad_morning

DESK, PHONE = {"width": 1366, "height": 860}, {"width": 320, "height": 640}
DAY = {"en": "Monday 23 November 2026", "zh": "2026年11月23日"}
SYMBOLS = {"ok": "●", "care": "▲", "act": "■", "na": "–"}
STYLES = (Path(charts.__file__).parent / "templates" / "site.css").read_text(encoding="utf-8")
TOKENS = dict(re.findall(r"--(\w+):(#[0-9a-f]{6})", STYLES))


@pytest.fixture(scope="module", params=[Morning, bad_morning], ids=["all_well", "much_wrong"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of two runs, so that it links to an earlier report."""
    morning = request.param(tmp_path_factory.mktemp("site"))
    last, morning.run_id = morning.run_id, "20261122T114200Z"
    morning.publish()
    morning.run_id = last
    return morning.publish()


@pytest.fixture(params=HTML_LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def visit(browser: Browser, site: Path) -> Iterator[Callable[..., Page]]:
    """Open a page of the site; what it asks for and complains of is kept in its `asked` and `said`."""
    contexts = []

    def opened(place: str, size: Any = DESK, scripts: bool = True) -> Page:
        contexts.append(browser.new_context(viewport=size, java_script_enabled=scripts))
        page = contexts[-1].new_page()
        page.asked, page.said = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto((site / place).as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def page(visit: Callable[..., Page], language: str) -> Page:
    return visit(f"{language}/index.html")


def report_of(site: Path) -> dict[str, Any]:
    return json.loads((site / "report.json").read_text(encoding="utf-8"))


def test_the_title_names_the_day_and_no_other_page_has_it(visit: Callable[..., Page]) -> None:
    titles = {place: visit(place).title() for place in ("index.html", "en/index.html", "zh/index.html")}
    assert len(set(titles.values())) == len(titles)
    assert DAY["en"] in titles["en/index.html"]
    assert DAY["zh"] in titles["zh/index.html"]
    assert TODAY.isoformat() in titles["index.html"]


def test_the_page_says_its_language_and_has_one_heading_of_the_first_level(page: Page, language: str) -> None:
    assert page.locator("html").get_attribute("lang") == HTML_LANGUAGES[language]
    assert page.get_by_role("heading", level=1).count() == 1


def test_verdict_score_and_status_are_seen_without_scrolling(page: Page, site: Path, language: str) -> None:
    report = report_of(site)
    words = {"good": {"en": "Good", "zh": "良好"}, "act": {"en": "Act now", "zh": "立即处理"},
             "care": {"en": "Needs care", "zh": "需关注"}}  # fmt: skip
    told = {
        "h1": report["verdict"]["headline"][language],
        ".score .n": str(report["score"]["city"]["value"]),
        ".score .tag": words[report["score"]["city"]["band"]][language],
    }
    for place, text in told.items():
        found = page.locator(place)
        assert re.sub(r"\s", "", text) in re.sub(r"\s", "", found.inner_text())
        box = found.bounding_box()
        assert box and box["y"] >= 0 and box["y"] + box["height"] <= DESK["height"], place


def test_the_page_asks_for_files_only_and_complains_of_nothing(page: Page) -> None:
    assert [address for address in page.asked if not address.startswith("file:")] == []
    assert page.said == []


def test_without_scripts_the_page_is_whole(page: Page, visit: Callable[..., Page], language: str) -> None:
    without = visit(f"{language}/index.html", scripts=False)
    assert without.locator("body").inner_text() == page.locator("body").inner_text()
    assert without.locator("section").count() == 7


@pytest.mark.parametrize("place", ["index.html", "en/index.html", "zh/index.html"])
def test_nothing_is_wider_than_a_phone(visit: Callable[..., Page], place: str) -> None:
    assert visit(place, PHONE).evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_the_first_tab_is_the_skip_link_and_it_leads_to_the_report(page: Page) -> None:
    page.keyboard.press("Tab")
    box = page.locator(".skip:focus").bounding_box()
    assert box and box["x"] >= 0 and box["y"] >= 0, "it is seen once it has the focus"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_keyboard_reaches_everything_in_order_and_the_focus_is_seen(page: Page) -> None:
    stops = page.locator("a[href], [tabindex='0']")
    for place in range(stops.count()):
        page.keyboard.press("Tab")
        assert stops.nth(place).evaluate("element => element === document.activeElement"), place
        assert stops.nth(place).evaluate("element => getComputedStyle(element).outline").endswith("solid 3px")


def test_every_link_leads_to_a_file_of_the_site(visit: Callable[..., Page], site: Path) -> None:
    waiting, seen = ["index.html"], set()
    while waiting:
        seen.add(place := waiting.pop())
        if not place.endswith(".html"):
            continue
        page = visit(place)
        for address in page.locator("a").evaluate_all("links => links.map(link => link.href)"):
            if address.startswith("mailto:"):
                continue
            parts = urlsplit(address)
            file = Path(unquote(parts.path)).resolve()
            assert file.is_file() and file.is_relative_to(site.resolve()), (place, address)
            assert not parts.fragment or page.locator(f"#{parts.fragment}").count() == 1, (place, address)
            found = str(file.relative_to(site.resolve()))
            waiting += [] if found in seen or found in waiting else [found]
    assert {"en/index.html", "zh/index.html", "scores.csv", "report.json"} <= seen
    assert any(place.startswith("runs/20261122T114200Z/") for place in seen)


def test_without_colour_every_status_is_a_symbol_and_a_word(page: Page) -> None:
    for tag in page.locator(".tag").all():
        symbol = SYMBOLS[tag.get_attribute("class").split()[1]]
        assert re.fullmatch(rf"{symbol} \S.*", tag.inner_text())
    for tone in ("care", "act"):
        for cell in page.locator(f".dep td.{tone}").all():
            before = cell.evaluate("cell => getComputedStyle(cell, '::before').content")
            assert SYMBOLS[tone] in before and cell.locator(".vh").count() == 1
    for cell in page.locator(".strip tbody td:not(.of)").all():
        assert re.fullmatch(r"[●▲■–]\S.*", cell.text_content() or "")


def luminance(colour: str) -> float:
    """Return the relative luminance of "#rrggbb" (WCAG 2.2)."""
    shares = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_contrast_of_black_on_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *((name, None) for name in ("ink", "mute", "blue", "care", "act", "ok")),
        *((name, f"{name}b") for name in ("care", "act", "ok")),
        ("ink", "code"),
        ("ink", "focus"),
    ],
)
def test_text_stands_out_from_its_ground(text: str, ground: str | None) -> None:
    assert contrast(TOKENS[text], TOKENS[ground] if ground else "#ffffff") >= 4.5


def test_what_is_drawn_stands_out_from_white() -> None:
    drawn = [TOKENS["dot"], charts.TARGET_DASH, *charts.TONES.values()]
    assert min(contrast(colour, "#ffffff") for colour in drawn) >= 3
    assert min(contrast(colour, "#ffffff") for colour in (charts.INK, charts.MUTED)) >= 4.5


def test_charts_and_page_share_one_palette() -> None:
    tones = {"good": "ok", "care": "care", "act": "act", "unknown": "mute"}
    assert {name: TOKENS[token] for name, token in tones.items()} == charts.TONES
    assert (TOKENS["ink"], TOKENS["mute"]) == (charts.INK, charts.MUTED)


def test_every_text_that_is_shown_stands_out_from_what_is_behind_it(page: Page) -> None:
    texts = page.evaluate("""() => {
        const hex = colour => '#' + colour.match(/\\d+/g).slice(0, 3)
            .map(part => (+part).toString(16).padStart(2, '0')).join('')
        const ground = element => {
            for (; element; element = element.parentElement) {
                const colour = getComputedStyle(element).backgroundColor
                if (!/, 0\\)$/.test(colour)) return hex(colour)
            }
            return '#ffffff'
        }
        return [...document.querySelectorAll('body *')]
            .filter(element => [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
            .filter(element => !element.closest('.o'))
            .map(element => [element.textContent.trim(), hex(element.closest('svg')
                ? getComputedStyle(element).fill : getComputedStyle(element).color), ground(element)])
    }""")
    assert len(texts) > 50
    assert [found for found in texts if contrast(found[1], found[2]) < 4.5] == []
