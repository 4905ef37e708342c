"""A file that did not change costs one small request; one that changed is never taken for the old one."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import Any

import pytest

from extractors import Delivery, FetchError
from extractors.validator import Validator
from tests.extractors.little_server import Call, LittleServer, Reply

Fetched = Callable[..., Delivery]
MONDAY, TUESDAY = "Mon, 19 Oct 2026 05:00:00 GMT", "Tue, 20 Oct 2026 05:00:00 GMT"
OLD, NEW = b"code,value\nM1,1\n", b"code,value\nM1,2\n"
TWICE = ("20261026T113000Z", "20261027T113000Z")


class Shelf:
    """A file on a server, which compares marks by the standard, or as it likes."""

    def __init__(self, body: bytes, etag: str | None = None, last_modified: str | None = None) -> None:
        self.body, self.etag, self.last_modified = body, etag, last_modified
        self.repeats_marks = True

    def answer(self, call: Call) -> Reply:
        marks = {"ETag": self.etag, "Last-Modified": self.last_modified}
        headers = {name: mark for name, mark in marks.items() if mark}
        if not self._is_known(call):
            return Reply(self.body, headers=headers)
        return Reply(status=304, headers=headers if self.repeats_marks else {})

    def _is_known(self, call: Call) -> bool:
        """RFC 9110, 13.2.2: dates are compared only where no tag is named."""
        if "if-none-match" in call.headers:
            return call.headers["if-none-match"] == self.etag
        since = call.headers.get("if-modified-since")
        if not since or not self.last_modified:
            return False
        return parsedate_to_datetime(self.last_modified) <= parsedate_to_datetime(since)


@pytest.fixture
def twice(server: LittleServer, fetched: Fetched) -> Callable[..., Delivery]:
    """Fetches a file, lets something happen to it, and fetches it again by what the first receipt holds."""

    def get(shelf: Shelf, change: Callable[[Shelf], Any] = lambda shelf: None, **again: Any) -> Delivery:
        server.answer = shelf.answer
        told = {"system": "csv", "url": f"{server.url}/plan.csv"}
        first = fetched(delivery_id=TWICE[0], **told)
        change(shelf)
        return fetched(delivery_id=TWICE[1], known_by=first.receipt.validator, **{**told, **again})

    return get


def put(**marks: Any) -> Callable[[Shelf], None]:
    return lambda shelf: shelf.__dict__.update(marks)


@pytest.mark.parametrize(
    "marks", [{"etag": '"a"'}, {"etag": 'W/"a"'}, {"last_modified": MONDAY}, {"etag": '"a"', "last_modified": MONDAY}]
)
def test_an_unchanged_file_costs_one_request_without_bytes(
    server: LittleServer, twice: Fetched, marks: dict[str, str]
) -> None:
    receipt = twice(Shelf(OLD, **marks)).receipt
    assert receipt.not_modified and receipt.pages == []
    assert (receipt.records, receipt.bytes, receipt.http_calls, len(server.calls)) == (0, 0, 1, 2)
    assert not receipt.complete_snapshot


def test_what_recognises_a_file_is_handed_on_from_morning_to_morning(twice: Fetched) -> None:
    receipt = twice(Shelf(OLD, '"a"', MONDAY)).receipt
    known = json.loads(receipt.validator or "")
    assert (known["etag"], known["last_modified"]) == ('"a"', MONDAY)
    assert known["sha256"] == hashlib.sha256(OLD).hexdigest()


@pytest.mark.parametrize("marks", [{}, {"etag": '"b"'}, {"last_modified": TUESDAY}])
def test_the_same_bytes_under_other_marks_are_unchanged_too(
    server: LittleServer, twice: Fetched, marks: dict[str, str]
) -> None:
    change = put(**{"etag": None, "last_modified": None, **marks})
    receipt = twice(Shelf(OLD, '"a"', MONDAY), change).receipt
    assert receipt.not_modified and receipt.pages == []
    assert json.loads(receipt.validator or "")["etag"] == marks.get("etag")


def test_a_changed_file_comes_in_the_one_request(server: LittleServer, twice: Fetched) -> None:
    delivery = twice(Shelf(OLD, '"a"', MONDAY), put(body=NEW, etag='"b"', last_modified=TUESDAY))
    assert [page.read_bytes() for page in delivery.pages] == [NEW]
    assert not delivery.receipt.not_modified and delivery.receipt.complete_snapshot
    assert delivery.receipt.http_calls == 1


@pytest.mark.parametrize("repeats_marks", [True, False])
def test_an_older_file_put_back_is_a_change_though_the_server_says_it_is_none(
    server: LittleServer, twice: Fetched, repeats_marks: bool
) -> None:
    shelf = Shelf(OLD, last_modified=TUESDAY)
    delivery = twice(shelf, put(body=NEW, last_modified=MONDAY, repeats_marks=repeats_marks))
    assert server.calls[1].headers["if-modified-since"] == TUESDAY
    assert [page.read_bytes() for page in delivery.pages] == [NEW]
    assert delivery.receipt.http_calls == 2


def test_a_304_about_another_answer_is_not_believed(server: LittleServer, twice: Fetched) -> None:
    def stale(shelf: Shelf) -> None:
        shelf.body = NEW
        server.first = [Reply(status=304, headers={"ETag": '"of a cache"'})]

    assert [page.read_bytes() for page in twice(Shelf(OLD, '"a"'), stale).pages] == [NEW]


def test_a_file_written_again_with_the_same_tag_is_unchanged(server: LittleServer, twice: Fetched) -> None:
    receipt = twice(Shelf(OLD, '"a"', MONDAY), put(last_modified=TUESDAY)).receipt
    assert receipt.not_modified and receipt.http_calls == 1


def test_a_304_that_nobody_asked_for_is_a_failure(server: LittleServer, fetched: Fetched) -> None:
    server.answer = lambda call: Reply(status=304)
    with pytest.raises(FetchError, match="answered 304"):
        fetched(system="csv", url=server.url)


def test_a_tag_that_compression_weakened_is_the_same_tag(server: LittleServer, twice: Fetched) -> None:
    def weaken(shelf: Shelf) -> None:
        server.first = [Reply(status=304, headers={"ETag": 'W/"a"'})]

    assert twice(Shelf(OLD, '"a"'), weaken).receipt.not_modified


def test_compression_that_comes_and_goes_changes_nothing(server: LittleServer, twice: Fetched) -> None:
    def compress(shelf: Shelf) -> None:
        headers = {"Content-Encoding": "gzip", "ETag": '"a-gzip"'}
        server.first = [Reply(gzip.compress(OLD), headers=headers)]

    assert twice(Shelf(OLD, '"a"'), compress).receipt.not_modified


def test_a_file_written_in_the_second_of_the_answer_is_not_known_by_its_date() -> None:
    same, later = {"Date": MONDAY, "Last-Modified": MONDAY}, {"Date": TUESDAY, "Last-Modified": MONDAY}
    assert Validator.of(same, BytesIO(OLD)).last_modified is None
    assert Validator.of(later, BytesIO(OLD)).last_modified == MONDAY


def test_a_redirect_keeps_the_conditions(server: LittleServer, twice: Fetched) -> None:
    def move(shelf: Shelf) -> None:
        server.first = [Reply(status=302, headers={"Location": "/moved.csv"})]

    receipt = twice(Shelf(OLD, '"a"'), move).receipt
    assert receipt.not_modified and server.calls[-1].path == "/moved.csv"


@pytest.mark.parametrize("known_by", [None, "", "not what we wrote", '{"sha256": 1}'])
def test_without_what_it_was_recognised_by_the_whole_file_comes(
    server: LittleServer, fetched: Fetched, known_by: str | None
) -> None:
    server.answer = Shelf(OLD, '"a"').answer
    receipt = fetched(system="csv", url=server.url, known_by=known_by).receipt
    assert not receipt.not_modified and len(receipt.pages) == 1
    assert "if-none-match" not in server.calls[0].headers


def test_the_password_of_an_address_is_no_part_of_what_a_file_is_recognised_by(
    server: LittleServer, fetched: Fetched
) -> None:
    server.answer = Shelf(OLD).answer
    marks = [
        fetched(system="csv", url=server.url.replace("//", f"//clerk:{word}@"), delivery_id=f"d{number}").receipt
        for number, word in enumerate(("geheim", "other"))
    ]
    assert marks[0].validator == marks[1].validator
