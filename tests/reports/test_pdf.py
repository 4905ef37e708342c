"""Today as a PDF: what a reader, a screen reader and a printer get."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reports import pdf
from reports.pages.edition import FROZEN
from reports.pages.today import TodayPage
from reports.render import render
from reports.site import publish
from reports.words import LANGUAGES
from tests.reports.morning import Morning, bad_morning

IS_AVAILABLE = pdf.is_available


def told(tool: str, *words: str) -> str:
    """Return what a tool of poppler-utils says."""
    if not shutil.which(tool):
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{tool} is not installed: apt install poppler-utils")
    return subprocess.run([tool, *words], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Morning:
    """A morning with much wrong, and its site with PDFs."""
    if not pdf._library():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(pdf.WHAT_TO_INSTALL)
    made = bad_morning(tmp_path_factory.mktemp("pdf"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pdf, "is_available", IS_AVAILABLE)
        made.publish()
    return made


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_tagged_titled_short_and_on_a4(morning: Morning, language: str) -> None:
    info = dict(re.findall(r"^([\w ]+): +(.*)$", told("pdfinfo", str(morning.out / language / pdf.NAME)), re.MULTILINE))
    today = TodayPage(morning.report(), language, FROZEN)
    assert (info["Tagged"], info["Title"]) == ("yes", today.title)
    assert 1 <= int(info["Pages"]) <= 4 and "(A4)" in info["Page size"]
    assert "CreationDate" not in info


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_that_today_tells_is_in_it_with_its_glyphs(morning: Morning, language: str) -> None:
    text = re.sub(r"\s", "", told("pdftotext", "-layout", str(morning.out / language / pdf.NAME), "-"))
    raw = re.sub(r"\s", "", told("pdftotext", "-raw", str(morning.out / language / pdf.NAME), "-"))
    report = morning.report()
    names = [report["verdict"]["headline"], *(one["title"] for one in report["actions"])]
    names += [one["name"] for kind in ("views", "departments") for one in report[kind]]
    names += [gap["text"] for gap in report["gaps"][:4]]
    lost = [name[language] for name in names if re.sub(r"\s", "", name[language]) not in raw + text]
    assert names and lost == []
    assert str(report["score"]["city"]["value"]) in text
    assert "\N{REPLACEMENT CHARACTER}" not in text


def test_page_and_pdf_lead_to_each_other_and_a_past_run_keeps_its_own(morning: Morning) -> None:
    for language in LANGUAGES:
        live, frozen = morning.out / language, morning.out / "runs" / morning.run_id / language
        assert 'href="report.pdf"' in (live / "index.html").read_text(encoding="utf-8")
        assert (live / pdf.NAME).read_bytes() == (frozen / pdf.NAME).read_bytes()


def test_the_same_page_gives_the_same_bytes_in_another_process(morning: Morning) -> None:
    today = TodayPage(morning.report(), "zh", FROZEN)
    place = morning.folder / "today.html"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pdf, "is_available", IS_AVAILABLE)
        place.write_text(render(today), encoding="utf-8")
    code = "import sys, pathlib; from reports.pdf import as_pdf; " \
        "sys.stdout.buffer.write(as_pdf(pathlib.Path(sys.argv[1]).read_text(encoding='utf-8')))"
    run = subprocess.run([sys.executable, "-c", code, str(place)], capture_output=True, check=True,
                         env={**os.environ, "PYTHONHASHSEED": "7"})  # fmt: skip
    assert run.stdout == (morning.out / "zh" / pdf.NAME).read_bytes()


def test_without_pango_the_site_has_no_pdf_and_no_link_and_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pdf, "is_available", IS_AVAILABLE)
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    monkeypatch.setattr(sys, "meta_path", [_NoPango(), *sys.meta_path])
    monkeypatch.delitem(sys.modules, "weasyprint")
    pdf._library.cache_clear()
    morning = Morning(tmp_path)
    publish(morning.report(), morning.out)
    monkeypatch.undo()
    pdf._library.cache_clear()
    assert list(morning.out.resolve().rglob("*.pdf")) == []
    assert "report.pdf" not in (morning.out / "en" / "index.html").read_text(encoding="utf-8")
    said = capsys.readouterr().err
    assert said.count("libpango-1.0-0 and libpangoft2-1.0-0") == 1


class _NoPango:
    """Lets WeasyPrint fail as it does where Pango is not there."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
