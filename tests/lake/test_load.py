from __future__ import annotations

import pytest

from contracts import check
from lake import LoadError, OtherCity, claim, cursor_of, load
from lake.maintenance import remove_old_deliveries

BEGIN = "2026-10-26T11:42:00+00:00"


@pytest.fixture(autouse=True)
def morning(office):
    office.at(BEGIN)


def test_received_is_what_became_of_it(office, request_record):
    loaded = office.deliver(
        "requests", "d1", [request_record(1), request_record(1), request_record(2), request_record(3, status="lost")]
    )
    assert (loaded.received, loaded.accepted, loaded.unchanged, loaded.duplicate, loaded.set_aside) == (4, 2, 0, 1, 1)
    assert office.ask("SELECT request_id FROM records.service_request ORDER BY 1") == [("R1",), ("R2",)]


def test_loading_twice_changes_nothing(office, request_record):
    office.deliver("requests", "d1", [request_record(1)])
    before = office.ask("FROM records.service_request"), office.ask("FROM ops.delivery")
    assert office.deliver("requests", "d1", [request_record(1)]).accepted == 1
    assert (office.ask("FROM records.service_request"), office.ask("FROM ops.delivery")) == before


def test_a_record_sent_again_is_unchanged(office, request_record):
    office.deliver("requests", "d1", [request_record(1)])
    loaded = office.deliver("requests", "d2", [request_record(1), request_record(2)])
    assert (loaded.accepted, loaded.unchanged) == (1, 1)


def test_a_changed_record_becomes_a_second_version(office, request_record):
    office.deliver("requests", "d1", [request_record(1)])
    office.deliver("requests", "d2", [request_record(1, status="cancelled", changed="2026-10-21T08:00:00-05:00")])
    assert office.ask("SELECT status FROM records.service_request ORDER BY _loaded_at") == [("open",), ("cancelled",)]


def test_without_a_stamp_back_and_forth_is_three_versions(office, post_record):
    for delivery, name in (("d1", "A"), ("d2", "B"), ("d3", "A")):
        assert office.deliver("posts", delivery, [post_record(1, name=name)]).accepted == 1
    assert office.ask("SELECT name FROM records.lamp_post ORDER BY _loaded_at") == [("A",), ("B",), ("A",)]


def test_an_old_version_sent_again_is_unchanged(office, request_record):
    old, newer = request_record(1), request_record(1, status="cancelled", changed="2026-10-21T08:00:00-05:00")
    office.deliver("requests", "d1", [old])
    office.deliver("requests", "d2", [newer])
    assert office.deliver("requests", "d3", [old]).unchanged == 1


def test_old_versions_sent_again_beside_others_are_unchanged(office, request_record):
    old, newer = request_record(1), request_record(1, status="cancelled", changed="2026-10-21T08:00:00-05:00")
    undated = request_record(2, changed=None)
    office.deliver("requests", "d1", [old, undated])
    office.deliver("requests", "d2", [newer])
    newest = request_record(3, changed="2026-10-22T08:00:00-05:00")
    loaded = office.deliver("requests", "d3", [old, undated, newest])
    assert (loaded.accepted, loaded.unchanged) == (1, 2)


def test_a_record_that_lost_its_stamp_is_loaded_once(office, request_record):
    office.deliver("requests", "d1", [request_record(1)])
    again = [office.deliver("requests", delivery, [request_record(1, changed=None)]) for delivery in ("d2", "d3")]
    assert [(loaded.accepted, loaded.unchanged) for loaded in again] == [(1, 0), (0, 1)]


def test_what_is_newer_than_everything_is_loaded_without_reading_what_is_there(office, request_record, lake_home):
    office.deliver("requests", "d1", [request_record(1)])
    (old,) = (lake_home / "lake").rglob("records/service_request/*.parquet")
    old.write_bytes(b"")
    newer = request_record(1, changed="2026-10-21T08:00:00-05:00")
    assert office.deliver("requests", "d2", [newer]).accepted == 1


def test_a_record_that_a_complete_answer_lacks_is_withdrawn_and_may_come_back(office, post_record):
    office.deliver("posts", "d1", [post_record(1), post_record(2)])
    assert office.deliver("posts", "d2", [post_record(1)]).withdrawn == 1
    assert office.deliver("posts", "d3", [post_record(1)]).withdrawn == 0
    assert office.deliver("posts", "d4", [post_record(1), post_record(2)]).accepted == 1
    ops = office.ask("SELECT _op FROM records.lamp_post WHERE lamp_post_id = 'L2' ORDER BY _loaded_at")
    assert ops == [("U",), ("D",), ("U",)]


def test_a_record_set_aside_is_not_withdrawn(office, post_record):
    office.deliver("posts", "d1", [post_record(1), post_record(2)])
    loaded = office.deliver("posts", "d2", [post_record(1), post_record(2, lat="91")])
    assert (loaded.set_aside, loaded.withdrawn) == (1, 0)


def test_a_short_answer_shrinks_nothing_and_is_said(office, post_record):
    office.deliver("posts", "d1", [post_record(number) for number in range(40)])
    loaded = office.deliver("posts", "d2", [post_record(1)])
    assert (loaded.verdict, loaded.received, loaded.set_aside) == ("refused", 1, 1)
    assert office.ask("SELECT count(*) FROM records.lamp_post") == [(40,)]
    assert office.ask("SELECT rule FROM ops.finding WHERE strength = 'refuse'") == [("short_snapshot",)]
    assert office.ask("SELECT count(*) FROM ops.set_aside WHERE delivery_id = 'd2'") == [(1,)]


def test_loaded_at_grows_though_the_clock_stands_or_goes_back(office, request_record):
    office.deliver("requests", "d1", [request_record(1)])
    office.deliver("requests", "d2", [request_record(2)])
    office.at("2026-10-25T00:00:00+00:00")
    office.deliver("requests", "d3", [request_record(3)])
    stamps = [row[0] for row in office.ask("SELECT _loaded_at FROM records.service_request ORDER BY _rec, request_id")]
    assert stamps == sorted(set(stamps))


def test_other_pages_under_a_loaded_id_are_refused(office, request_record):
    office.deliver("requests", "d1", [request_record(1)])
    place = office.keep("requests", "d1")
    receipt = place / "receipt.json"
    sha256 = next(line for line in receipt.read_text().splitlines() if line.startswith(' "sha256"'))
    receipt.write_text(receipt.read_text().replace(sha256, ' "sha256": "0",'))
    feed = office.city.feeds["streets__requests"]
    check(place, "streets__requests", feed, office.city)
    with pytest.raises(LoadError, match="streets__requests/d1"):
        load(place, "streets__requests", feed, run_id="test")


def test_no_personal_value_is_in_the_lake(office, request_record, lake_home):
    office.deliver("requests", "d1", [request_record(1), request_record(2, status="lost")])
    files = [file for file in (lake_home / "lake").rglob("*") if file.is_file()]
    assert files
    assert not [file for file in files if b"555 0100" in file.read_bytes()]


def test_two_departments_may_use_the_same_number(office, request_record):
    office.deliver("requests", "d1", [request_record(1)])
    loaded = office.deliver("other_requests", "d1", [request_record(1)])
    assert (loaded.accepted, loaded.unchanged) == (1, 0)


def test_the_cursor_stays_without_one(office, request_record):
    office.deliver("requests", "d1", [request_record(1)])
    assert cursor_of("streets__requests") is None


def test_a_version_that_comes_back_under_the_same_stamp_is_the_newest_again(office, request_record):
    for delivery, status in (("d1", "open"), ("d2", "cancelled"), ("d3", "open")):
        assert office.deliver("requests", delivery, [request_record(1, status=status)]).accepted == 1


def test_an_empty_answer_withdraws_nothing_of_a_small_feed(office, post_record):
    office.deliver("posts", "d1", [post_record(1), post_record(2)])
    loaded = office.deliver("posts", "d2", [])
    assert (loaded.verdict, loaded.withdrawn) == ("refused", 0)


def test_a_check_that_lost_its_files_is_not_loaded(office, request_record):
    office.drop("requests", [request_record(1)])
    place = office.keep("requests", "d1")
    for part in place.glob("checked/accepted-*.parquet"):
        part.unlink()
    with pytest.raises(LoadError, match="1 records were accepted and the files hold 0"):
        load(place, "streets__requests", office.city.feeds["streets__requests"], run_id="test")
    assert office.ask("SELECT count(*) FROM ops.delivery") == [(0,)]


def test_an_older_answer_does_not_overwrite_a_later_one(office, post_record):
    office.drop("posts", [post_record(1, name="old"), post_record(2)])
    late = office.keep("posts", "d1")
    office.at("2026-10-27T11:42:00+00:00")
    office.deliver("posts", "d2", [post_record(1, name="new")])
    with pytest.raises(LoadError, match="overtaken by d2"):
        load(late, "streets__posts", office.city.feeds["streets__posts"], run_id="test")
    assert office.ask("SELECT name FROM records.lamp_post") == [("new",)]


def test_a_run_that_was_killed_after_its_commit_tells_of_its_load_when_tried_again(office, request_record):
    office.drop("requests", [request_record(1)])
    place, feed = office.keep("requests", "d1"), office.city.feeds["streets__requests"]
    assert not load(place, "streets__requests", feed, run_id="one").already
    assert not load(place, "streets__requests", feed, run_id="one").already
    assert load(place, "streets__requests", feed, run_id="another").already


def test_a_delivery_whose_pages_were_removed_is_still_known(office, request_record):
    office.deliver("requests", "d1", [request_record(1)])
    office.at("2027-10-26T11:42:00+00:00")
    (place,) = remove_old_deliveries(30)
    assert load(place, "streets__requests", office.city.feeds["streets__requests"], run_id="another").already


def test_a_lake_belongs_to_one_city(office):
    claim(office.city)
    with pytest.raises(OtherCity, match="set CIVICLAKE_HOME"):
        claim(office.city.model_copy(update={"id": "elsewhere"}))
