"""The how-to's own file and commands do what it says."""

from __future__ import annotations

import re
from pathlib import Path

from cities.home import PROJECT
from tests.docs.shown import Desk

PAGE = PROJECT / "docs" / "add-a-department.md"


def test_a_department_is_added_as_the_page_shows(tmp_path: Path) -> None:
    commands = Desk(tmp_path).follow(PAGE)
    assert len(commands) == 6
    assert (tmp_path / "cities" / "sandbox" / "parks.yml").exists()


def test_the_page_is_short_and_leads_only_to_pages_that_are_there() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 80
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (PROJECT / "docs" / target).exists(), target
