"""Set-aside records come back once what was wrong is mended, and everything received is told of."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from lake import LoadError, ReplayError
from lake.maintenance import maintain, remove_old_deliveries
from lake.replay import find_waiting
from lake.set_aside import expire

BEGIN = datetime(2026, 10, 26, 11, 42, tzinfo=UTC)
CODES, MORE_CODES = 'codes: ["1", "2"]', 'codes: ["1", "2", "3"]'


@pytest.fixture(autouse=True)
def morning(office):
    office.at(BEGIN.isoformat())


def next_day(office, days: int = 1) -> None:
    office.at((BEGIN + timedelta(days=days)).isoformat())


def requests_held(office):
    return office.ask("SELECT request_id, status FROM records.service_request ORDER BY _loaded_at, _rec")


def test_a_mended_city_file_lets_the_waiting_records_in(office, request_record):
    office.deliver("requests", "d1", [request_record(1), request_record(2, area="3"), request_record(3, status="lost")])
    office.mend("city", CODES, MORE_CODES)
    (loaded,) = office.replay("requests")
    assert (loaded.received, loaded.accepted, loaded.set_aside) == (2, 1, 1)
    ((delivery, rec),) = office.ask("SELECT _delivery_id, _rec FROM records.service_request WHERE request_id = 'R2'")
    assert (delivery.rpartition("-")[0], rec) == ("d1-replay", 1)
    assert office.events() == [("d1", 1, "replayed", delivery)]
    assert office.open() == [("d1", 2, "R3")]


def test_a_replay_tells_in_the_ledger_what_it_replays_and_moves_no_cursor(office, request_record):
    office.deliver("requests", "d1", [request_record(1, area="3")])
    office.mend("city", CODES, MORE_CODES)
    next_day(office)
    office.replay("requests")
    rows = office.ask("SELECT replays, moves_cursor, fetched_at, http_calls FROM ops.delivery ORDER BY loaded_at")
    assert rows == [(None, True, BEGIN, 0), ("d1", False, BEGIN, 0)]


def test_what_is_still_wrong_with_a_record_is_told_by_its_replay(office, request_record):
    office.deliver("requests", "d1", [request_record(1, area="3"), request_record(2, area="4")])
    office.mend("city", CODES, MORE_CODES)
    office.replay("requests")
    found = office.ask("SELECT rec, example FROM ops.finding WHERE delivery_id <> 'd1' AND rule = 'unknown_area'")
    assert found == [(1, "4")]
    assert office.ask("SELECT count(*) FROM ops.set_aside") == [(2,)]


def test_without_a_mend_nothing_is_replayed(office, request_record):
    office.deliver("requests", "d1", [request_record(1, area="3")])
    plan = office.plan("requests")
    assert (plan.replays, [one.count for one in plan.unmended]) == ([], [1])


def test_replaying_twice_changes_nothing(office, request_record):
    office.deliver("requests", "d1", [request_record(1, area="3"), request_record(2, area="4")])
    office.mend("city", CODES, MORE_CODES)
    (place,) = office.keep_replays("requests")
    office.load("requests", place)
    before = office.ask("FROM ops.delivery"), requests_held(office), office.events(), office.open()
    assert office.load("requests", place).accepted == 1
    assert office.replay("requests") == []
    assert (office.ask("FROM ops.delivery"), requests_held(office), office.events(), office.open()) == before


def test_an_interrupted_replay_goes_on_with_the_records_that_still_wait(office, request_record):
    office.deliver("requests", "d1", [request_record(1, area="3"), request_record(2, area="3")])
    office.mend("city", CODES, MORE_CODES)
    (place,) = office.keep_replays("requests")
    next_day(office)
    office.deliver("requests", "d2", [request_record(1, area="1")])
    (again,) = office.keep_replays("requests")
    assert again == place
    assert json.loads((place / "receipt.json").read_text())["recs"] == [1]
    assert office.load("requests", place).accepted == 1
    assert office.open() == []


def test_a_record_that_was_closed_between_check_and_load_stays_closed(office, request_record):
    office.deliver("requests", "d1", [request_record(1, area="3"), request_record(2, area="3")])
    office.mend("city", CODES, MORE_CODES)
    (place,) = office.keep_replays("requests")
    next_day(office)
    office.deliver("requests", "d2", [request_record(1, area="1")])
    loaded = office.load("requests", place)
    assert (loaded.received, loaded.accepted, loaded.unchanged) == (2, 1, 1)
    assert [event[:3] for event in office.events()] == [("d1", 0, "mended"), ("d1", 1, "replayed")]


def unnamed(request_record, number: int, **changes):
    """A record that cannot be named before it is mended: its number is not where the city file looks."""
    return {**request_record(number, **changes), "id": None, "number": f"R{number}"}


def look_for_the_number(office) -> None:
    office.mend("streets", "request_id: id", "request_id: {sql: 'coalesce(id, number)'}")


def test_a_replayed_older_version_does_not_take_the_place_of_a_newer_one(office, request_record):
    office.deliver("requests", "d1", [request_record(9), unnamed(request_record, 1, status="open")])
    next_day(office)
    office.deliver("requests", "d2", [request_record(1, status="cancelled", changed="2026-10-21T08:00:00-05:00")])
    look_for_the_number(office)
    (loaded,) = office.replay("requests")
    assert loaded.accepted == 1
    newest = office.ask(
        "SELECT arg_max(status, (updated_at, _loaded_at)) FROM records.service_request WHERE request_id = 'R1'"
    )
    assert newest == [("cancelled",)]
    assert [event[:3] for event in office.events()] == [("d1", 1, "replayed")]


@pytest.mark.parametrize("changed", [None, "2026-10-20T08:00:00-05:00"])
def test_without_a_stamp_that_tells_the_later_answer_stands(office, request_record, changed):
    office.deliver("requests", "d1", [request_record(9), unnamed(request_record, 1, status="open", changed=changed)])
    next_day(office)
    office.deliver("requests", "d2", [request_record(1, status="cancelled", changed=changed)])
    look_for_the_number(office)
    (loaded,) = office.replay("requests")
    assert (loaded.accepted, loaded.unchanged) == (0, 1)
    assert requests_held(office)[-1] == ("R1", "cancelled")
    assert [event[2] for event in office.events()] == ["superseded"]


def test_the_order_of_replays_makes_no_difference_to_what_stands(office, request_record):
    for day, delivery in enumerate(["d1", "d2"]):
        next_day(office, day)
        status = ["open", "cancelled"][day]
        same = [unnamed(request_record, 1, status=status, changed=None)]
        office.deliver("requests", delivery, same)
        office.deliver("other_requests", delivery, same)
    look_for_the_number(office)
    for feed, order in (("requests", ["d1", "d2"]), ("other_requests", ["d2", "d1"])):
        for delivery in order:
            office.replay(feed, delivery)
    newest = office.ask("SELECT _feed, arg_max(status, _loaded_at) FROM records.service_request GROUP BY 1 ORDER BY 1")
    assert newest == [("streets__other_requests", "cancelled"), ("streets__requests", "cancelled")]
    assert office.open() == []


def test_a_later_good_version_of_a_record_mends_it(office, request_record):
    office.deliver("requests", "d1", [request_record(1, area="3"), request_record(2, area="3")])
    next_day(office)
    office.deliver("requests", "d2", [request_record(1)])
    assert office.events() == [("d1", 0, "mended", "d2")]
    assert office.open() == [("d1", 1, "R2")]


def test_an_unchanged_record_mends_its_set_aside_version_too(office, request_record):
    office.deliver("requests", "d1", [request_record(1)])
    next_day(office)
    office.deliver("requests", "d2", [request_record(1, area="3")])
    next_day(office, 2)
    assert office.deliver("requests", "d3", [request_record(1)]).unchanged == 1
    assert office.events() == [("d2", 0, "mended", "d3")]


def test_a_record_set_aside_again_waits_once(office, request_record):
    office.deliver("requests", "d1", [request_record(1, area="3")])
    next_day(office)
    office.deliver("requests", "d2", [request_record(1, area="3")])
    assert office.events() == [("d1", 0, "repeated", "d2")]
    assert office.open() == [("d2", 0, "R1")]


def test_another_feeds_record_of_the_same_number_mends_nothing(office, request_record):
    office.deliver("requests", "d1", [request_record(1, area="3")])
    next_day(office)
    office.deliver("other_requests", "d2", [request_record(1)])
    assert office.events() == []


def test_an_answer_that_was_fetched_before_mends_nothing_that_came_after(office, request_record):
    office.drop("requests", [request_record(1)])
    late = office.keep("requests", "d1")
    next_day(office)
    office.deliver("requests", "d2", [request_record(1, area="3", changed="2026-10-21T08:00:00-05:00")])
    office.load("requests", late)
    assert office.events() == []


def test_a_complete_answer_supersedes_what_earlier_ones_set_aside(office, post_record):
    office.deliver("posts", "d1", [post_record(1), post_record(2, lat="41,1"), post_record(3, id=None, lat="41,1")])
    next_day(office)
    office.deliver("posts", "d2", [post_record(1), post_record(4, lat="41,1")])
    assert office.events() == [("d1", 1, "superseded", "d2"), ("d1", 2, "superseded", "d2")]
    office.mend("streets", "latitude: lat,", "latitude: {sql: \"replace(lat, ',', '.')\"},")
    (loaded,) = office.replay("posts")
    assert (loaded.accepted, loaded.withdrawn) == (1, 0)
    assert office.open() == []


def refuse_requests(office, request_record):
    """Deliver records under a new name of a needed field."""
    return office.deliver("requests", "d1", [
        {("state" if name == "status" else name): value for name, value in request_record(number).items()}
        for number in range(1, 4)
    ])  # fmt: skip


def test_a_refused_delivery_is_judged_again_as_a_whole(office, request_record):
    assert refuse_requests(office, request_record).verdict == "refused"
    office.mend("streets", "status: status", "status: state")
    (loaded,) = office.replay("requests")
    assert (loaded.verdict, loaded.received, loaded.accepted) == ("accepted", 3, 3)
    assert {event[2] for event in office.events()} == {"replayed"}
    assert office.open() == []


def test_a_refused_delivery_is_read_as_the_mended_file_says(office, request_record):
    office.mend("streets", "    format: json", "    format: csv")
    records = [request_record(1), request_record(2)]
    lines = [";".join(line) for line in (records[0], *(record.values() for record in records))]
    (office.folder / "drop" / "requests.json").write_text("\n".join(lines))
    assert office.load("requests", office.keep("requests", "d1")).verdict == "refused"
    office.mend("streets", "    format: csv", "    format: csv\n    delimiter: ';'")
    (loaded,) = office.replay("requests")
    assert (loaded.verdict, loaded.accepted) == ("accepted", 2)
    assert office.open() == []


def test_a_delivery_refused_again_waits_on_without_second_pointers(office, request_record):
    refuse_requests(office, request_record)
    office.mend("streets", "status: status", "status: condition")
    (loaded,) = office.replay("requests")
    assert (loaded.verdict, loaded.received, loaded.set_aside) == ("refused", 3, 3)
    assert office.ask("SELECT count(*) FROM ops.set_aside") == [(3,)]
    assert [row[:2] for row in office.open()] == [("d1", rec) for rec in range(3)]


def test_records_of_a_refused_delivery_are_known_by_key_when_they_come_again(office, request_record):
    refuse_requests(office, request_record)
    next_day(office)
    office.deliver("requests", "d2", [request_record(1), request_record(2)])
    assert [event[1:3] for event in office.events()] == [(0, "mended"), (1, "mended")]
    assert office.open() == [("d1", 2, "R3")]


def shrink(office, post_record) -> None:
    office.deliver("posts", "d1", [post_record(number) for number in range(40)])
    next_day(office)
    assert office.deliver("posts", "d2", [post_record(1)]).verdict == "refused"


def test_a_short_answer_that_a_person_stands_for_is_believed_once(office, post_record):
    shrink(office, post_record)
    (loaded,) = office.replay("posts", "d2", ["short_snapshot"])
    assert (loaded.verdict, loaded.unchanged, loaded.withdrawn) == ("accepted", 1, 39)
    ((waived,),) = office.ask("SELECT waived FROM ops.delivery WHERE replays = 'd2'")
    ((rule, note, who),) = [(one["rule"], one["note"], one["who"]) for one in json.loads(waived)]
    assert (rule, note, who) == ("short_snapshot", "asked the department", "tester")
    told = office.ask("SELECT strength FROM ops.finding WHERE rule = 'short_snapshot' ORDER BY found_at")
    assert told == [("refuse",), ("warn",)]
    next_day(office, 2)
    assert office.deliver("posts", "d3", []).verdict == "refused"


def test_a_short_answer_that_nobody_stands_for_is_not_replayed(office, post_record):
    shrink(office, post_record)
    assert office.replay("posts") == []


def test_an_overtaken_answer_cannot_be_accepted(office, post_record):
    shrink(office, post_record)
    (place,) = office.keep_replays("posts", "d2", ["short_snapshot"])
    next_day(office, 2)
    office.deliver("posts", "d3", [post_record(number) for number in range(41)])
    with pytest.raises(LoadError, match="overtaken by d3"):
        office.load("posts", place)
    with pytest.raises(ReplayError, match="nothing of a delivery d2"):
        office.plan("posts", "d2", ["short_snapshot"])
    assert office.open() == []


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("short_snapsht", "did you mean short_snapshot"),
        ("unreadable_page", "can be accepted"),
        ("row_count", "was not refused for row_count, but for short_snapshot"),
    ],
)
def test_only_the_rule_that_refused_a_delivery_can_be_accepted(office, post_record, rule, told):
    shrink(office, post_record)
    with pytest.raises(ReplayError, match=told):
        office.plan("posts", "d2", [rule])


def test_a_delivery_that_does_not_wait_is_told_with_the_nearest(office, request_record):
    office.deliver("requests", "20261026T114200Z", [request_record(1, area="3")])
    with pytest.raises(ReplayError, match="did you mean 20261026T114200Z"):
        office.plan("requests", "20261026T114300Z")


def test_records_whose_pages_are_past_their_time_are_told_as_expired(office, request_record):
    office.deliver("requests", "d1", [request_record(1, area="3")])
    office.at((BEGIN + timedelta(days=40)).isoformat())
    office.deliver("requests", "d2", [request_record(2, area="3")])
    assert expire(30) == 0
    assert len(remove_old_deliveries(30)) == 1
    assert expire(30) == 1
    assert office.events() == [("d1", 0, "expired", None)]
    assert office.open() == [("d2", 0, "R2")]
    office.mend("city", CODES, MORE_CODES)
    assert len(office.replay("requests")) == 1


def test_keeping_the_lake_tidy_tells_what_expired(office, request_record):
    office.deliver("requests", "d1", [request_record(1, area="3")])
    office.at((BEGIN + timedelta(days=40)).isoformat())
    maintain(30)
    assert [event[2] for event in office.events()] == ["expired"]


def test_a_delivery_between_the_removal_of_its_pages_and_its_event_is_not_replayed(office, request_record):
    office.deliver("requests", "d1", [request_record(1, area="3")])
    office.at((BEGIN + timedelta(days=40)).isoformat())
    remove_old_deliveries(30)
    office.mend("city", CODES, MORE_CODES)
    assert office.replay("requests") == []
    with pytest.raises(ReplayError, match="past their time"):
        office.plan("requests", "d1")


def test_the_pages_of_a_replay_are_the_same_bytes(office, request_record):
    office.deliver("requests", "d1", [request_record(1, area="3")])
    office.mend("city", CODES, MORE_CODES)
    (place,) = office.keep_replays("requests")
    (page,) = (place / "pages").iterdir()
    (waiting,) = find_waiting(["streets__requests"])
    assert page.samefile(waiting.place / "pages" / page.name)
