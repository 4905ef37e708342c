"""The pages for readers: all are in the index, lead to what is there, and managers' pages speak as the report does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cities.home import PROJECT
from civiclake.generate import generate
from reports.words import TEXTS
from tests.reports.test_today import FORBIDDEN

DOCS = PROJECT / "docs"
MANAGERS = {"en": DOCS / "tutorials" / "read-the-report.md", "zh": DOCS / "tutorials" / "read-the-report.zh.md"}
GUIDES = [DOCS / "index.md", *sorted(page for part in ("tutorials", "how-to", "explanation", "reference")
                                     for page in (DOCS / part).glob("*.md"))]  # fmt: skip


def targets(page: Path) -> list[Path]:
    text = page.read_text(encoding="utf-8")
    return [(page.parent / target).resolve() for target in re.findall(r"\]\(([^)#:]+)\)", text)]


def texts(node: Any, language: str) -> Iterator[str]:
    """Yield every text of the reports in a language."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from texts(value, language) if key not in MANAGERS or isinstance(value, dict) else ()
        found = node.get(language, [])
        yield from [found] if isinstance(found, str) else [one for one in found if isinstance(one, str)]


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_a_page_leads_only_to_pages_that_are_there(page: Path) -> None:
    assert [target for target in targets(page) if not target.exists()] == []


def test_the_index_leads_to_every_page() -> None:
    alone = {DOCS / "index.md", *(DOCS / "catalogue").glob("*.md"), *(DOCS / "systems").glob("*.md")}
    assert set(DOCS.rglob("*.md")) - alone - set(targets(DOCS / "index.md")) == set()
    assert DOCS / "index.md" in targets(PROJECT / "README.md")


@pytest.mark.parametrize("language", MANAGERS)
def test_managers_page_says_no_word_of_engineers_and_no_long_sentence(language: str) -> None:
    said = MANAGERS[language].read_text(encoding="utf-8")
    assert [word for word in FORBIDDEN if re.search(rf"\b{word}s?\b", said, re.IGNORECASE)] == []
    sentences = re.split(r"[.。？?:|]\s|\n\n|\n[*|0-9]", said)
    assert len(sentences) > 40
    assert [one for one in sentences if len(one.split()) > 25] == []


@pytest.mark.parametrize("language", MANAGERS)
def test_what_managers_page_quotes_stands_in_the_report(language: str) -> None:
    quoted = re.findall(r"\*\*(.+?)\*\*", MANAGERS[language].read_text(encoding="utf-8"))
    assert len(quoted) > 30
    known = list(texts(TEXTS, language))
    alone = {"bold", "–", "粗体"}
    assert [one for one in quoted if one not in alone and not any(text.startswith(one) for text in known)] == []


def test_both_languages_of_managers_page_have_the_same_parts() -> None:
    parts = [re.findall(r"^(#+|\* |\d\. |\| )", page.read_text(encoding="utf-8"), re.MULTILINE)
             for page in MANAGERS.values()]  # fmt: skip
    assert parts[0] == parts[1]


def test_the_reference_of_the_command_line_is_up_to_date(tmp_path: Path) -> None:
    assert generate(PROJECT, check=True) == [], "run `make fix`"
    assert generate(tmp_path, check=True) == generate(tmp_path) != []
    assert generate(tmp_path) == []
