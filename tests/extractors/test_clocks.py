from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies

from extractors.clocks import by_clock, in_utc, rank
from extractors.question import Window

CHICAGO = ZoneInfo("America/Chicago")
AROUND_THE_CHANGE = strategies.datetimes(datetime(2026, 11, 1, 4), datetime(2026, 11, 1, 10)).map(
    lambda instant: instant.replace(microsecond=0, tzinfo=UTC)
)


@given(AROUND_THE_CHANGE, AROUND_THE_CHANGE, AROUND_THE_CHANGE)
def test_no_record_of_a_window_is_left_out_when_the_clocks_go_back(
    start: datetime, end: datetime, changed: datetime
) -> None:
    writing = by_clock(CHICAGO)
    shown = changed.astimezone(CHICAGO).strftime("%Y-%m-%dT%H:%M:%S")
    if start <= changed < end:
        assert writing.start(start) <= shown < writing.end(end)


@given(AROUND_THE_CHANGE, AROUND_THE_CHANGE)
def test_no_later_record_is_left_out_by_a_cursor_when_the_clocks_go_back(seen: datetime, changed: datetime) -> None:
    cursor = seen.astimezone(CHICAGO).strftime("%Y-%m-%dT%H:%M:%S")
    shown = changed.astimezone(CHICAGO).strftime("%Y-%m-%dT%H:%M:%S")
    if changed >= seen:
        assert shown >= by_clock(CHICAGO).cursor(cursor)


@pytest.mark.parametrize(
    ("cursor", "asked"),
    [
        ("2026-11-01 01:30:00", "2026-11-01 00:30:00"),
        ("2026-11-01T01:30:00.250", "2026-11-01T00:30:00"),
        ("2026-11-01T01:30:00-05:00", "2026-11-01T01:30:00-05:00"),
        ("2026-11-01", "2026-11-01"),
        ("2026-11-02 01:30:00", "2026-11-02 01:30:00"),
        ("20261101", "20261101"),
        ("A-17", "A-17"),
    ],
)
def test_a_cursor_is_asked_for_in_its_own_form(cursor: str, asked: str) -> None:
    assert by_clock(CHICAGO).cursor(cursor) == asked


def test_dates_grow_to_the_days_they_touch() -> None:
    writing = by_clock(CHICAGO, "%Y-%m-%d", timedelta(days=1))
    assert writing.start(datetime(2026, 10, 26, 20, tzinfo=UTC)) == "2026-10-26"
    assert writing.end(datetime(2026, 10, 26, 20, tzinfo=UTC)) == "2026-10-27"
    assert writing.end(datetime(2026, 10, 26, 5, tzinfo=UTC)) == "2026-10-26"


def test_instants_are_written_in_utc() -> None:
    writing = in_utc("%Y-%m-%dT%H:%M:%SZ")
    assert writing.start(datetime(2026, 10, 26, 6, 30, tzinfo=CHICAGO)) == "2026-10-26T11:30:00Z"
    assert writing.cursor("2026-10-26T06:30:00.5-05:00") == "2026-10-26T06:30:00.5-05:00"


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59", "0001-01-01T00:00:00+14:00"])
def test_the_last_and_the_first_instant_of_all_order_nothing_and_stay_as_they_are(text: str) -> None:
    assert rank(text, CHICAGO) is None
    assert in_utc("%Y-%m-%dT%H:%M:%SZ", timedelta(days=1)).cursor(text) == text


def test_a_window_grows_to_whole_seconds() -> None:
    window = Window(datetime(2026, 10, 26, 1, 2, 3, 4, tzinfo=UTC), datetime(2026, 10, 26, 1, 2, 4, 1, tzinfo=UTC))
    assert window.in_seconds == (
        datetime(2026, 10, 26, 1, 2, 3, tzinfo=UTC),
        datetime(2026, 10, 26, 1, 2, 5, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        (datetime(2026, 10, 26), None, "has no offset"),
        (datetime(2026, 10, 26, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC), "is empty"),
    ],
)
def test_a_window_that_means_nothing_is_refused(start: datetime, end: datetime | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Window(start, end)
