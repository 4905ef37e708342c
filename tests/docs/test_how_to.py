"""What the how-to pages show of commands happens, over a small first morning."""

from __future__ import annotations

from pathlib import Path

import pytest

from cities.home import PROJECT
from reports import pdf
from tests.docs.shown import BLOCK, Desk
from tests.mornings import after_first_morning

HOW_TO = PROJECT / "docs" / "how-to"
WITH_COMMANDS = [page for page in sorted(HOW_TO.glob("*.md")) if BLOCK.search(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.stem)
def test_a_page_goes_as_it_shows(page: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    if page.stem == "print-the-report" and not pdf.is_available():
        pytest.skip("no Pango on this machine")
    desk = Desk(tmp_path, {"CIVICLAKE_NOW": "2026-10-26T09:00:00-05:00"})
    after_first_morning(tmp_path_factory, desk.home)
    assert len(desk.follow(page)) > 1
