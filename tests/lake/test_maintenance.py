from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lake.maintenance import GROWING, maintain
from tests.lake.conftest import Office

Record = Callable[..., dict[str, Any]]


def past(office: Office, newest: int) -> list[list[tuple[Any, ...]]]:
    """Return what each growing table said at the last two snapshots, and how it came to what it said at the end."""
    asked = []
    for table in GROWING:
        for version in (newest - 1, newest):
            asked += [
                f"SELECT rowid, * FROM ops.{table} AT (VERSION => {version}) ORDER BY ALL",
                f"FROM ducklake_table_changes('lake', 'ops', '{table}', {version}, {newest}) ORDER BY ALL",
            ]
    return [office.ask(query) for query in asked]


def test_what_waits_in_the_catalogue_goes_into_files_and_its_past_stays(office: Office, request_record: Record) -> None:
    for day in range(20, 26):
        office.at(f"2026-10-{day}T11:32:00+00:00")
        sent = [request_record(day), request_record(9, status="Lost")]
        office.deliver("requests", f"202610{day}T110000Z", sent)
        if day % 2:
            ((newest,),) = office.ask("SELECT max(snapshot_id) FROM lake.snapshots()")
            before = past(office, newest)
            maintain(30)
            assert past(office, newest) == before
    files = dict(office.ask("SELECT table_name, file_count FROM ducklake_table_info('lake')"))
    assert (files["delivery"], files["check_result"], files["finding"], files["head_service_request"]) == (1, 1, 1, 0)


def test_a_lake_that_nothing_was_loaded_into_is_tidied_too(office: Office) -> None:
    maintain(30)
    assert office.ask("SELECT count(*) FROM ops.delivery") == [(0,)]
