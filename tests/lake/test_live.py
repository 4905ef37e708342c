"""A live feed shows only what goes on now: what is gone has ended and stays in the lake."""

from __future__ import annotations

import pytest

from cities.errors import CityError
from lake import LoadError, load


@pytest.fixture
def board(office):
    office.mend("streets", "snapshot: true", "live: true")
    return office


def versions(office) -> list[tuple]:
    return office.ask("SELECT lamp_post_id, name, _op, _delivery_id FROM records.lamp_post ORDER BY _loaded_at, _op, 1")


def test_what_is_gone_has_ended_however_much_it_is(board, post_record):
    board.deliver("posts", "d1", [post_record(1), post_record(2)])
    loaded = board.deliver("posts", "d2", [post_record(3)])
    assert (loaded.verdict, loaded.accepted, loaded.withdrawn) == ("accepted", 1, 0)
    assert versions(board)[2:] == [
        ("L1", "post 1", "E", "d2"), ("L2", "post 2", "E", "d2"), ("L3", "post 3", "U", "d2"),
    ]  # fmt: skip


def test_what_has_ended_ends_once_and_may_begin_again(board, post_record):
    board.deliver("posts", "d1", [post_record(1), post_record(2)])
    for delivery in ("d2", "d3"):
        board.deliver("posts", delivery, [post_record(2)])
    assert versions(board)[2:] == [("L1", "post 1", "E", "d2")]
    assert board.deliver("posts", "d4", [post_record(1), post_record(2)]).accepted == 1
    assert versions(board)[3:] == [("L1", "post 1", "U", "d4")]


def test_an_empty_answer_ends_nothing(board, post_record):
    board.deliver("posts", "d1", [post_record(1)])
    assert board.deliver("posts", "d2", []).verdict == "accepted"
    assert versions(board) == [("L1", "post 1", "U", "d1")]
    assert board.deliver("posts", "d3", [post_record(1)]).unchanged == 1


def test_a_record_that_was_set_aside_has_not_ended(board, post_record):
    board.deliver("posts", "d1", [post_record(1), post_record(2)])
    board.deliver("posts", "d2", [post_record(1, lat="91"), post_record(2)])
    assert len(versions(board)) == 2


def test_an_older_board_does_not_end_what_a_later_one_shows(board, post_record):
    board.drop("posts", [post_record(1)])
    late = board.keep("posts", "d1")
    board.at("2027-10-27T11:42:00+00:00")
    board.deliver("posts", "d2", [post_record(2)])
    with pytest.raises(LoadError, match="overtaken by d2"):
        load(late, "streets__posts", board.city.feeds["streets__posts"], run_id="test")


def test_what_is_gone_cannot_have_ended_and_be_withdrawn(board):
    with pytest.raises(CityError, match="say one of the two"):
        board.mend("streets", "live: true", "live: true\n    snapshot: true")
