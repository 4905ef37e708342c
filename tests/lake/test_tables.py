"""A lake that an earlier version made gets what it lacks, and keeps what it holds."""

from __future__ import annotations

import pytest

from lake import connect, prepare


@pytest.fixture
def earlier_lake(office, request_record):
    """A lake in which one record waits, as it was before set-aside records could be replayed."""
    office.at("2026-10-26T11:42:00+00:00")
    office.deliver("requests", "d1", [request_record(1, area="3"), request_record(2, area="3"), request_record(3)])
    with connect() as connection:
        connection.execute(
            """INSERT INTO ops.set_aside_event (feed, delivery_id, rec, event)
            VALUES ('streets__requests', 'd1', 0, 'replayed')"""
        )
        for column in ("terms", "replays", "waived"):
            connection.execute(f"ALTER TABLE ops.delivery DROP COLUMN {column}")
        connection.execute("ALTER TABLE records.service_request DROP COLUMN channel")
        connection.execute("DROP TABLE ops.set_aside_open")
    return office


def test_new_columns_of_the_ledger_and_of_records_are_added_and_blank(earlier_lake):
    prepare()
    assert earlier_lake.ask("SELECT delivery_id, received, terms, replays, waived FROM ops.delivery") == [
        ("d1", 3, None, None, None)
    ]
    assert earlier_lake.ask("SELECT request_id, channel FROM records.service_request") == [("R3", None)]


def test_records_that_waited_before_still_wait(earlier_lake):
    prepare()
    assert earlier_lake.open() == [("d1", 1, "R2")]


def test_what_waited_in_an_earlier_lake_is_replayed(earlier_lake):
    prepare()
    earlier_lake.mend("city", 'codes: ["1", "2"]', 'codes: ["1", "2", "3"]')
    (loaded,) = earlier_lake.replay("requests")
    assert (loaded.received, loaded.accepted) == (1, 1)


def test_a_lake_that_lacks_nothing_is_left_as_it_is(office):
    prepare()
    before = office.ask("SELECT max(snapshot_id) FROM lake.snapshots()")
    prepare()
    assert office.ask("SELECT max(snapshot_id) FROM lake.snapshots()") == before
