"""Clocks that go back, run ahead or change by an hour: records, cursor, schedule and due times stay right."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from airflow.sdk.exceptions import AirflowFailException

from dags import steps
from lake import cursor_of
from tests.faults.department import Department, lamp, request
from tests.faults.office import POSTS, REQUESTS, Office, morning

CHICAGO = ZoneInfo("America/Chicago")


def bring_at(
    office: Office, instant: datetime, clock: datetime | None = None, feed_id: str = REQUESTS
) -> dict[str, Any]:
    """Do a feed's run for an instant, while the clock shows that or another one."""
    by_cursor = {"start": None, "end": None, "full_refresh": False}
    with office.at(clock or instant):
        place = steps.fetch_feed(feed_id, instant, str(instant), by_cursor)
        return steps.load_feed(feed_id, steps.check_feed(feed_id, place, str(instant)), str(instant))


def cursor(office: Office) -> str | None:
    with office.at(morning(0)):
        return cursor_of(REQUESTS)


def stamped(*stamps: str) -> list[dict[str, Any]]:
    return [request(number, stamp) for number, stamp in enumerate(stamps)]


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=1)], ids=["an hour", "a day"])
def test_a_clock_that_went_back_loses_no_record_and_no_order(
    office: Office, department: Department, back: timedelta
) -> None:
    department.requests = stamped("2026-10-26T05:00:00-05:00", "2026-10-26T05:10:00-05:00")
    assert office.bring(REQUESTS, 0)["accepted"] == 2
    department.requests += [request(7, "2026-10-26T06:20:00-05:00")]
    late = morning(0) + timedelta(minutes=10)
    assert bring_at(office, late, clock=late - back)["accepted"] == 1
    department.requests += [request(8, "2026-10-26T06:50:00-05:00")]
    assert bring_at(office, morning(0) + timedelta(hours=1))["accepted"] == 1
    loaded = [row[0] for row in office.ask("SELECT loaded_at FROM ops.delivery ORDER BY delivery_id")]
    assert loaded == sorted(set(loaded))
    assert office.ask("SELECT count(*), count(DISTINCT request_id) FROM records.service_request") == [(4, 4)]
    assert cursor(office) == "2026-10-26T06:50:00-05:00"


def test_a_whole_file_fetched_by_a_clock_that_went_back_is_told_as_overtaken(
    office: Office, department: Department
) -> None:
    department.posts = [lamp(1), lamp(2)]
    office.bring(POSTS, 0)
    department.posts += [lamp(3)]
    with pytest.raises(AirflowFailException, match="overtaken by .*; nothing is to be done, or run the feed again"):
        bring_at(office, morning(1), clock=morning(0) - timedelta(hours=1), feed_id=POSTS)
    assert office.ask("SELECT count(*) FROM records.lamp_post") == [(2,)]
    assert office.bring(POSTS, 2)["accepted"] == 1


def test_a_source_whose_clock_runs_ahead_hides_nothing_that_comes_after(
    office: Office, department: Department
) -> None:
    department.requests = stamped("2026-10-26T05:00:00-05:00", "2026-10-26T09:00:00-05:00")
    assert office.bring(REQUESTS, 0)["accepted"] == 2
    assert cursor(office) == "2026-10-26T05:00:00-05:00"
    department.requests += [request(7, "2026-10-26T07:00:00-05:00")]
    loaded = bring_at(office, morning(0) + timedelta(hours=1))
    assert (loaded["accepted"], loaded["unchanged"]) == (1, 2)


def test_a_source_whose_clock_runs_behind_is_asked_again_from_its_own_last_stamp(
    office: Office, department: Department
) -> None:
    department.requests = stamped("2026-10-25T05:00:00-05:00")
    office.bring(REQUESTS, 0)
    department.requests += [request(7, "2026-10-25T05:00:01-05:00")]
    assert office.bring(REQUESTS, 1)["accepted"] == 1


def test_records_of_the_hour_that_came_twice_all_come_once(office: Office, department: Department) -> None:
    """1 November 2026: 1:00 to 2:00 is shown twice; the source writes clock times without an offset."""
    department.requests = stamped("2026-11-01T00:30:00", "2026-11-01T01:40:00")
    first = datetime(2026, 11, 1, 1, 45, tzinfo=CHICAGO)
    assert bring_at(office, first)["accepted"] == 2
    department.requests += [request(7, "2026-11-01T01:20:00")]
    second = first.replace(fold=1)
    assert second.astimezone(ZoneInfo("UTC")) - first.astimezone(ZoneInfo("UTC")) == timedelta(hours=1)
    assert bring_at(office, second)["accepted"] == 1
    department.requests += [request(8, "2026-11-01T02:10:00")]
    assert bring_at(office, datetime(2026, 11, 1, 2, 30, tzinfo=CHICAGO))["accepted"] == 1
    assert office.ask("SELECT count(*), count(DISTINCT request_id) FROM records.service_request") == [(4, 4)]


def test_a_time_in_the_hour_that_was_skipped_is_set_aside_and_the_next_hour_comes(
    office: Office, department: Department
) -> None:
    """8 March 2026: after 1:59 comes 3:00."""
    stamps = ("2026-03-08T01:50:00", "2026-03-08T02:30:00", "2026-03-08T03:10:00")
    department.requests = [row | {"opened": "2026-03-07T08:00:00"} for row in stamped(*stamps)]
    loaded = bring_at(office, datetime(2026, 3, 8, 3, 30, tzinfo=CHICAGO))
    assert (loaded["accepted"], loaded["set_aside"]) == (2, 1)
    assert office.ask("SELECT reasons LIKE '%local_time_missing%' FROM ops.set_aside") == [(True,)]
    instants = office.ask("SELECT timezone('UTC', updated_at)::VARCHAR FROM records.service_request ORDER BY 1")
    assert instants == [("2026-03-08 07:50:00",), ("2026-03-08 08:10:00",)]
    department.requests += [request(7, "2026-03-08T03:20:00", opened="2026-03-07T08:00:00")]
    assert bring_at(office, datetime(2026, 3, 8, 4, 0, tzinfo=CHICAGO))["accepted"] == 1


def test_a_leap_day_is_a_day_and_one_that_is_not_is_set_aside(office: Office, department: Department) -> None:
    department.requests = [
        request(1, "2028-02-29T05:00:00-06:00", opened="2028-02-29T04:00:00-06:00"),
        request(2, "2028-02-29T05:00:01-06:00", opened="2027-02-29T04:00:00-06:00"),
    ]
    loaded = bring_at(office, datetime(2028, 2, 29, 6, 30, tzinfo=CHICAGO))
    assert (loaded["accepted"], loaded["set_aside"]) == (1, 1)
    assert cursor(office) == "2028-02-29T05:00:01-06:00"


def test_runs_on_both_sides_of_midnight_are_two_deliveries(office: Office, department: Department) -> None:
    midnight = datetime(2026, 10, 27, tzinfo=CHICAGO)
    department.requests = stamped("2026-10-26T23:59:58-05:00", "2026-10-26T23:59:59-05:00")
    assert bring_at(office, midnight - timedelta(seconds=1))["accepted"] == 2
    department.requests += [request(7, "2026-10-27T00:00:00-05:00")]
    assert bring_at(office, midnight)["accepted"] == 1
    deliveries = office.ask("SELECT delivery_id FROM ops.delivery ORDER BY 1")
    assert deliveries == [("20261027T045959Z",), ("20261027T050000Z",)]


@pytest.mark.parametrize(
    ("cron", "night"),
    [
        ("0 5 * * *", "2026-03-08"),
        ("0 5 * * *", "2026-11-01"),
        ("15 2 * * *", "2026-03-08"),
        ("15 2 * * *", "2026-11-01"),
        ("30 1 * * *", "2026-11-01"),
        ("30 1 * * *", "2026-03-08"),
    ],
)
def test_a_daily_run_comes_once_a_day_in_the_nights_when_clocks_change(cron: str, night: str) -> None:
    from airflow.timetables.base import TimeRestriction
    from airflow.timetables.interval import CronDataIntervalTimetable

    timetable = CronDataIntervalTimetable(cron, timezone=str(CHICAGO))
    noon = datetime.fromisoformat(f"{night}T18:00:00+00:00")
    since = TimeRestriction(noon - timedelta(days=3), None, True)
    runs: list[datetime] = []
    last = None
    while len(runs) < 6:
        info = timetable.next_dagrun_info(last_automated_data_interval=last, restriction=since)
        last = info.data_interval
        runs.append(info.run_after.astimezone(CHICAGO))
    assert [(later.date() - earlier.date()).days for earlier, later in pairwise(runs)] == [1] * 5, runs
