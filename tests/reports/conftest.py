from __future__ import annotations

from pathlib import Path

import pytest

from tests.reports.morning import Morning


@pytest.fixture
def morning(tmp_path: Path) -> Morning:
    """A morning on which all is well."""
    return Morning(tmp_path)
