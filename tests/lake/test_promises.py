"""What city files promise is known to the lake, and a promise that cannot be kept is told before anybody is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from cities import CityError, now, read_city
from contracts.fit import misfits
from lake import connect, sync_city
from tests.lake.conftest import Office

COVERAGE = '    coverage: {period: day, field: requested_at, areas: all, filled: [status]}\n    due: "06:30"'
EXPECTED = """expected:
  trees: {title: {en: Trees}, period: year, since: 2026-01-01}
feeds:"""


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office whose feed of requests promises districts day by day, and that owes a list of trees."""
    office = Office(tmp_path, monkeypatch)
    file = office.folder / "city" / "streets.yml"
    text = file.read_text()
    file.write_text(text.replace('    due: "06:30"', COVERAGE, 1).replace("feeds:", EXPECTED, 1))
    office.at("2026-10-26T11:42:00+00:00")
    return office


def test_the_lake_knows_each_area_field_and_data_set_that_was_promised(office: Office) -> None:
    sync_city(read_city(str(office.folder / "city")), now())
    with connect() as connection:
        [first, *others] = connection.execute("FROM ops.coverage ORDER BY ALL").fetchall()
        assert first == ("streets__requests", "day", "requested_at", None, "1") and len(others) == 1
        assert connection.execute("FROM ops.promised_field").fetchall() == [("streets__requests", "status")]
        data_sets = connection.execute("SELECT feed, department, period, since::VARCHAR FROM ops.expected_data")
        assert data_sets.fetchall() == [("streets__trees", "streets", "year", "2026-01-01")]


def test_a_promise_that_was_taken_back_is_forgotten(office: Office) -> None:
    sync_city(read_city(str(office.folder / "city")), now())
    file = office.folder / "city" / "streets.yml"
    file.write_text(file.read_text().replace(COVERAGE, '    due: "06:30"').replace(EXPECTED, "feeds:"))
    sync_city(read_city(str(office.folder / "city")), now())
    with connect() as connection:
        for table in ("coverage", "promised_field", "expected_data"):
            assert connection.execute(f"FROM ops.{table}").fetchall() == []


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ("field: requested_at", "coverage: 'opened' is not mapped"),
        ("field: requested_at", "coverage: 'status' is no date, instant or year"),
        ("areas: all", "coverage: 7: no area of the city"),
    ],
    ids=["not mapped", "no day", "no area"],
)
def test_a_promise_that_cannot_be_kept_is_told(office: Office, told: str, wrong: str) -> None:
    word = wrong.split("'")[1] if "'" in wrong else ""
    changed = f"field: {word}" if word else 'areas: ["7"]'
    file = office.folder / "city" / "streets.yml"
    file.write_text(file.read_text().replace(told, changed))
    mistakes = misfits(read_city(str(office.folder / "city")))
    assert [mistake.split(": ", 1)[1][: len(wrong)] for mistake in mistakes] == [wrong]


def test_a_data_set_is_expected_or_a_feed_and_not_both(office: Office) -> None:
    file = office.folder / "city" / "streets.yml"
    file.write_text(file.read_text().replace("  trees:", "  requests:"))
    with pytest.raises(CityError, match="requests is a feed already"):
        read_city(str(office.folder / "city"))


def test_an_unknown_key_of_a_promise_is_told_with_those_that_are_allowed(office: Office) -> None:
    file = office.folder / "city" / "streets.yml"
    file.write_text(file.read_text().replace("period: day", "every: day"))
    with pytest.raises(CityError, match="unknown key; allowed: areas, field, filled, period, since"):
        read_city(str(office.folder / "city"))
