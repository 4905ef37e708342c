"""Method, privacy, accessibility and glossary."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reports.pages.method import MethodPage, mean
from reports.pages.site_map import site_pages
from reports.score import rounded
from reports.words import LANGUAGES, TEXTS
from tests.reports.morning import Morning, bad_morning
from tests.reports.test_today import FORBIDDEN

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"
PLAIN = ("method.html", "privacy.html", "accessibility.html")


@pytest.mark.parametrize("made", [Morning, bad_morning])
def test_the_method_works_out_the_scores_of_the_report(tmp_path: Path, made: type[Morning]) -> None:
    report = made(tmp_path).report()
    page = MethodPage(report, "en")
    for department in report["departments"]:
        assert rounded(page.department_score(department)) == department["score"]
    assert rounded(mean(page.city_pairs)) == report["score"]["city"]["value"]
    assert page.city_sum.endswith(f"shown as {report['score']['city']['value']:.1f}")
    assert page.department is not None
    assert page.department_sum.endswith(f"shown as {page.department['score']:.1f}")
    assert page.example is not None
    assert page.feed_sum.endswith(f"shown as {page.example['score']:.1f}")


def test_without_any_figure_the_method_has_no_example(morning: Morning) -> None:
    for feed in morning.city.feeds:
        morning.unmeasured(feed, "complete", "unique", "consistent", "valid", "accurate", "on_time")
    page = (morning.publish() / "en" / "method.html").read_text(encoding="utf-8")
    assert "there is no example" in page


@pytest.mark.parametrize("place", PLAIN)
def test_pages_for_everybody_are_said_in_plain_words(morning: Morning, place: str) -> None:
    page = (morning.publish() / "en" / place).read_text(encoding="utf-8")
    said = re.sub(r"<code>.*?</code>|<style>.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL)
    assert [word for word in FORBIDDEN if re.search(rf"\b{word}s?\b", said, re.IGNORECASE)] == []
    paragraphs = re.findall(r"<(?:p|li|dd)[^>]*>(.*?)</(?:p|li|dd)>", page, re.DOTALL)
    sentences = [one for text in paragraphs for one in re.split(r"[.!?:] ", re.sub(r"<[^>]*>", "", text))]
    assert [one for one in sentences if len(re.findall(r"[A-Za-z][\w'’-]*", one)) > 25] == []


def test_glossary_and_documentation_say_the_same() -> None:
    rows = re.findall(r"^\| (.+?) \| (.+) \| (.+?) \|$", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE)
    told = [(one["word"]["en"], one["meaning"]["en"], one["word"]["zh"]) for one in TEXTS["glossary"]["words"].values()]
    assert told == [row for row in rows if row[0] != "word"]


def test_titles_differ_and_name_the_day(morning: Morning) -> None:
    report = morning.report()
    titles = [page.title for language in LANGUAGES for page in site_pages(report, language)]
    assert len(set(titles)) == len(titles)
    assert all("23 November 2026" in title or "2026年11月23日" in title for title in titles)
