from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies

from extractors.clocks import rank
from extractors.newest import Mark, newest

CHICAGO = ZoneInfo("America/Chicago")
ASKED_AT = datetime(2026, 10, 26, 11, 30, tzinfo=UTC)


def greatest(*texts: str) -> str | None:
    mark = newest(texts, None, partial(rank, zone=CHICAGO), ASKED_AT)
    return mark.text if mark else None


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["9", "10", "2"], "10"),
        (["2026-10-25", "2026-10-26", "2026-10-27"], "2026-10-26"),
        (["2026-10-26T06:30:00", "2026-10-26T06:30:01"], "2026-10-26T06:30:00"),
        (["2026-10-26T10:00:00Z", "2026-10-26T06:00:00-05:00"], "2026-10-26T06:00:00-05:00"),
        (["10/24/2026", "", "soon"], None),
        ([], None),
        (["20261026", "3"], "20261026"),
    ],
)
def test_the_greatest_readable_value_of_the_past_wins(texts: list[str], expected: str | None) -> None:
    assert greatest(*texts) == expected


@given(strategies.lists(strategies.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(datetime.isoformat)))
def test_comparing_texts_first_finds_what_reading_all_finds(texts: list[str]) -> None:
    instants = {text: rank(text, CHICAGO) for text in texts}
    past = [instant for instant in instants.values() if isinstance(instant, datetime) and instant <= ASKED_AT]
    found = greatest(*texts)
    assert (instants[found] if found else None) == max(past, default=None)


def test_a_later_page_with_older_values_changes_nothing() -> None:
    known = Mark("2026-10-25T13:00:00", datetime(2026, 10, 25, 18, tzinfo=UTC))
    assert newest(["2026-10-24T13:00:00"], known, partial(rank, zone=CHICAGO), ASKED_AT) == known
