from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from reports import pdf
from tests.reports.morning import Morning

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture
def morning(tmp_path: Path) -> Morning:
    """A morning on which all is well."""
    return Morning(tmp_path)


@pytest.fixture(scope="module", autouse=True)
def without_pdf() -> Iterator[None]:
    """Make no PDFs with the hundred sites of these tests: `test_pdf.py` makes its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pdf, "is_available", lambda: False)
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{CHROMIUM} is not installed: apt install chromium")
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield started
        started.close()
