from __future__ import annotations

import re
from pathlib import Path

import pytest

from cities import read_city
from contracts.mapping import Mapping
from extractors.files import layout_of

PAGES = Path(__file__).parents[2] / "docs" / "systems"
CITY = """\
title: {en: Town}
time_zone: America/Chicago
areas: {kind: {en: area}, codes: ["1"]}
contact: {name: A, email: a@city.example}
"""


FILES = ["files", "folder", "sftp"]
WEB = ["socrata", "ckan", "arcgis", "open311", "sensorthings"]


@pytest.mark.parametrize("page", FILES + WEB)
def test_the_example_of_a_page_is_a_department(page: str, tmp_path: Path) -> None:
    (text,) = re.findall(r"^```yaml\n(.*?)^```", (PAGES / f"{page}.md").read_text(), re.DOTALL | re.MULTILINE)
    (tmp_path / "city.yml").write_text(CITY)
    (tmp_path / "office.yml").write_text(text)
    city = read_city(str(tmp_path))
    for feed_id, feed in city.feeds.items():
        assert Mapping.of(feed_id, feed, city).sender_fields
        assert feed.system == page or page in FILES
        if page in FILES:
            assert layout_of(feed).limit_mb == 512  # type: ignore[arg-type]


@pytest.mark.parametrize("page", FILES + WEB)
def test_a_page_is_short_and_leads_only_to_pages_that_are_there(page: str) -> None:
    text = (PAGES / f"{page}.md").read_text()
    assert len(text.splitlines()) < 60
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (PAGES / target).exists(), target
