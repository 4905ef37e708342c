"""What departments do to their records, from the source to the ledger: nothing is lost, guessed or half there."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from lake import cursor_of
from tests.extractors.little_server import Call, Reply
from tests.faults.department import Department, Row, lamp, request
from tests.faults.kills import Aim, attempt, fork_server
from tests.faults.office import INSPECTIONS, POSTS, REQUESTS, Office, morning

EVERYTHING = {"full_refresh": True}


def requests_of(day: int, count: int = 25, **changes: Any) -> list[Row]:
    """Return a day's new requests: enough to tell a changed layout from a few bad records."""
    before = morning(day) - timedelta(hours=1)
    stamps = [(before + timedelta(minutes=number)).isoformat() for number in range(count)]
    return [request(day * 100 + number, stamp, **changes) for number, stamp in enumerate(stamps)]


def refused(office: Office, feed_id: str, day: int) -> set[tuple[str, str | None]]:
    """Bring a day that must be refused, and return which rules did it and the sender's fields that they name."""
    before = office.ask("SELECT count(*) FROM records.service_request"), cursor(office)
    with pytest.raises(AirflowFailException, match=f"{feed_id}: the delivery was refused; `civiclake status"):
        office.bring(feed_id, day)
    assert (office.ask("SELECT count(*) FROM records.service_request"), cursor(office)) == before
    ledger = f"FROM ops.delivery WHERE feed = '{feed_id}' ORDER BY loaded_at DESC LIMIT 1"
    assert office.ask(f"SELECT verdict, accepted, received = set_aside {ledger}") == [("refused", 0, True)]
    return set(office.ask("SELECT rule, sender_field FROM ops.finding WHERE strength = 'refuse'"))


def cursor(office: Office) -> str | None:
    with office.at(morning(0)):
        return cursor_of(REQUESTS)


def changed_layout(row: Row, change: str) -> Row:
    """Return a record in another layout."""
    if change == "renamed":
        return {("status_name" if name == "status" else name): value for name, value in row.items()}
    if change == "dropped":
        return {name: value for name, value in row.items() if name != "kind"}
    return {**row, "opened": "20/10/2026 08:00"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("renamed", ("layout_removed", "status")),
        ("dropped", ("layout_removed", "kind")),
        ("retyped", ("retyped", "opened")),
    ],
)
def test_a_changed_layout_is_refused_whole_until_it_is_mended(
    office: Office, department: Department, change: str, told: tuple[str, str]
) -> None:
    department.requests = requests_of(0)
    assert office.bring(REQUESTS, 0)["accepted"] == 25
    department.requests = [changed_layout(row, change) for row in requests_of(0) + requests_of(1)]
    assert refused(office, REQUESTS, 1) == {told}
    department.requests = requests_of(0) + requests_of(1) + requests_of(2)
    assert office.bring(REQUESTS, 2)["accepted"] == 50


def test_a_renamed_column_is_told_with_its_likely_new_name(office: Office, department: Department) -> None:
    department.requests = requests_of(0)
    office.bring(REQUESTS, 0)
    department.requests = [changed_layout(row, "renamed") for row in requests_of(1)]
    refused(office, REQUESTS, 1)
    ((message,),) = office.ask("SELECT message FROM ops.finding WHERE rule = 'layout_removed'")
    assert "the field 'status', which status is read from" in message
    assert "'status_name' may be its new name" in message


def test_a_new_column_is_a_warning_and_the_records_come_through(office: Office, department: Department) -> None:
    department.requests = requests_of(0)
    office.bring(REQUESTS, 0)
    department.requests += requests_of(1, crew="north")
    assert office.bring(REQUESTS, 1)["accepted"] == 25
    assert office.ask("SELECT rule, sender_field, strength FROM ops.finding") == [("layout_added", "crew", "warn")]


def test_a_file_that_is_still_written_while_it_is_read_is_not_kept(office: Office) -> None:
    drop = office.home / "drops" / "may.csv"
    drop.write_text("id,day,outcome\n1,2026-10-20,pass\n")

    def go_on_writing() -> None:
        with drop.open("a") as file:
            file.write("2,2026-10-21,fail\n")

    aim = Aim(("fetch", "open deliveries/streets__inspections/draft/pages/*.csv"))
    with fork_server():
        ended = attempt(office, INSPECTIONS, morning(0), aim=aim, strike=go_on_writing)
    assert ended.error and "may.csv: the file changed while it was read" in ended.error
    assert not office.place(INSPECTIONS, 0).exists()
    assert office.bring(INSPECTIONS, 0)["accepted"] == 2


def test_a_file_that_is_replaced_while_it_is_read_is_not_kept(office: Office) -> None:
    drop, other = office.home / "drops" / "may.csv", office.home / "drops" / "may.csv.part"
    drop.write_text("id,day,outcome\n1,2026-10-20,pass\n")
    other.write_text("id,day,outcome\n1,2026-10-20,fail\n")
    aim = Aim(("fetch", "open deliveries/streets__inspections/draft/pages/*.csv"))
    with fork_server():
        ended = attempt(office, INSPECTIONS, morning(0), aim=aim, strike=lambda: other.replace(drop))
    assert ended.error and "may.csv: the file changed while it was read" in ended.error
    assert office.bring(INSPECTIONS, 0)["accepted"] == 1
    assert office.ask("SELECT result FROM records.inspection") == [("fail",)]


def test_a_record_removed_while_the_pages_are_read_hides_none_of_the_others(
    office: Office, department: Department
) -> None:
    department.requests = requests_of(0, 45)
    gone = department.requests[3]

    def remove_one_when_its_key_was_listed(call: Call) -> Reply:
        reply = department.answer(call)
        if call.params.get("$select") == ":id" and gone in department.requests:
            department.requests.remove(gone)
        return reply

    department.server.answer = remove_one_when_its_key_was_listed
    assert office.bring(REQUESTS, 0)["received"] == 44
    assert office.ask("SELECT rule, strength FROM ops.finding") == []
    assert cursor(office) is not None
    assert office.ask("SELECT count(DISTINCT request_id), count(*) FROM records.service_request") == [(44, 44)]


def test_one_record_sent_twice_is_a_copy_or_a_contradiction(office: Office, department: Department) -> None:
    same, other = requests_of(0, 2)
    department.requests = [same, same, other, {**other, "status": "cancelled"}]
    loaded = office.bring(REQUESTS, 0)
    assert (loaded["accepted"], loaded["duplicate"], loaded["set_aside"]) == (1, 1, 2)
    assert office.ask("SELECT DISTINCT record_key FROM ops.set_aside") == [(other["id"],)]


def test_one_record_in_two_deliveries_is_unchanged_or_another_version(office: Office, department: Department) -> None:
    same, other = requests_of(0, 2)
    department.requests = [same, other]
    office.bring(REQUESTS, 0)
    department.requests = [same, {**other, "status": "cancelled"}]
    loaded = office.bring(REQUESTS, 1, window=EVERYTHING)
    assert (loaded["accepted"], loaded["unchanged"]) == (1, 1)
    versions = f"SELECT status FROM records.service_request WHERE request_id = '{other['id']}' ORDER BY _loaded_at"
    assert office.ask(versions) == [("open",), ("cancelled",)]


NEWEST = """SELECT status FROM records.service_request
    QUALIFY row_number() OVER (PARTITION BY request_id ORDER BY updated_at DESC, _loaded_at DESC) = 1"""


def test_a_correction_of_the_past_becomes_history_and_not_the_present(office: Office, department: Department) -> None:
    (row,) = requests_of(1, 1, status="cancelled")
    department.requests = [row]
    office.bring(REQUESTS, 1)
    department.requests = [{**row, "status": "open", "changed": (morning(0)).isoformat()}]
    assert office.bring(REQUESTS, 2, window=EVERYTHING)["accepted"] == 1
    assert office.ask("SELECT count(*) FROM records.service_request") == [(2,)]
    assert office.ask(NEWEST) == [("cancelled",)]


def test_what_a_complete_file_lacks_is_withdrawn_and_may_return(office: Office, department: Department) -> None:
    department.posts = [lamp(number) for number in range(3)]
    assert office.bring(POSTS, 0)["accepted"] == 3
    removed = department.posts.pop()
    assert office.bring(POSTS, 1)["withdrawn"] == 1
    department.posts.append(removed)
    assert office.bring(POSTS, 2)["accepted"] == 1
    history = f"SELECT _op FROM records.lamp_post WHERE lamp_post_id = '{removed['id']}' ORDER BY _loaded_at"
    assert office.ask(history) == [("U",), ("D",), ("U",)]


@pytest.mark.parametrize("left", [0, 3])
def test_a_short_or_empty_file_takes_nothing_away(office: Office, department: Department, left: int) -> None:
    department.posts = [lamp(number) for number in range(40)]
    office.bring(POSTS, 0)
    department.posts = department.posts[:left]
    assert refused(office, POSTS, 1) == {("short_snapshot", None)}
    assert office.ask("SELECT count(*) FROM records.lamp_post WHERE _op = 'U'") == [(40,)]
    assert office.ask("SELECT count(*) FROM records.lamp_post WHERE _op = 'D'") == [(0,)]


def test_an_empty_answer_by_cursor_is_a_delivery_and_moves_nothing(office: Office, department: Department) -> None:
    department.requests = requests_of(0)
    office.bring(REQUESTS, 0)
    before = cursor(office)
    department.requests = []
    loaded = office.bring(REQUESTS, 1)
    assert (loaded["verdict"], loaded["received"]) == ("accepted", 0)
    assert cursor(office) == before is not None
