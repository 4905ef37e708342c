from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reports import pdf
from tests.reports.morning import Morning


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
