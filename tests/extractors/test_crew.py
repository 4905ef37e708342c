from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest

from extractors import Delivery, FetchError
from extractors.crew import Crew
from extractors.pace import Pace
from extractors.paging import Page, by_offset, by_range
from extractors.question import Tally
from extractors.session import Session
from tests.extractors.little_portal import LittlePortal, numbered
from tests.extractors.little_server import Call, LittleServer, Reply

Fetched = Callable[..., Delivery]
SOON = 20
"""Seconds after which a test that waits for other threads gives up."""


class Desk:
    """Pages numbered by what is asked for, whose answers wait until so many are asked for at once."""

    def __init__(self, meet: int) -> None:
        self.barrier = threading.Barrier(meet)
        self.lock = threading.Lock()
        self.now = self.most = 0

    def ask(self, step: int) -> Page:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.barrier.wait(SOON)
        with self.lock:
            self.now -= 1
        return Page(BytesIO(), 1, f"page {step}", (str(step),))


def steps(pages: Iterator[Page]) -> list[int]:
    return [int(page.cursors[0]) for page in pages]


@pytest.mark.parametrize("size", [1, 2, 4])
def test_ranges_are_asked_for_as_many_at_once_as_there_are_downloaders_and_keep_their_order(size: int) -> None:
    desk = Desk(meet=size)
    assert steps(by_range(desk.ask, range(8), Crew(size))) == list(range(8))
    assert desk.most == size


def test_no_more_pages_wait_than_there_are_downloaders() -> None:
    asked: list[int] = []

    def ask(step: int) -> Page:
        asked.append(step)
        return Page(BytesIO(), 1, f"page {step}", (str(step),))

    pages = by_range(ask, range(100), Crew(4))
    for taken, _ in zip(range(1, 20), pages, strict=False):
        assert max(asked) < taken + 4
    pages.close()  # type: ignore[attr-defined]
    assert len(asked) < 24


def test_offsets_asked_for_beyond_the_end_are_no_records() -> None:
    records = list(range(22))

    def ask(offset: int) -> Page:
        found = records[offset : offset + 5]
        # the count is wrong: it promises more than there is
        return Page(BytesIO(), len(found), repr(found), tuple(map(str, found)), count=60)

    pages = by_offset(ask, 5, crew=Crew(4))
    assert [int(value) for page in pages for value in page.cursors] == records


def test_the_first_error_ends_the_calls_of_the_others_and_leaves_nothing(
    server: LittleServer, fetched: Fetched, lake_home: Path
) -> None:
    portal = LittlePortal(server, numbered(80))
    over = threading.Event()

    def answer(call: Call) -> Reply:
        where = call.params.get("$where", "")
        if "'row-0004'" in where:
            return Reply(status=403)
        if "'row-0008'" in where:
            # an answer that would take for ever
            over.wait(SOON)
        return portal.answer(call)

    server.answer = answer
    with pytest.raises(FetchError, match="answered 403"):
        fetched(system="socrata", url=portal.url, page_size=4, parallel=4)
    assert not over.is_set()
    over.set()
    assert list((lake_home / "deliveries" / "office__feed").iterdir()) == []
    assert len(server.calls) < 10


def test_all_pages_come_in_order_with_every_number_of_downloaders(server: LittleServer, fetched: Fetched) -> None:
    portal = LittlePortal(server, numbered(50))
    shas = {
        fetched(
            system="socrata", url=portal.url, page_size=7, parallel=parallel, delivery_id=f"202610{parallel:02}T113000Z"
        ).receipt.sha256
        for parallel in (1, 2, 3, 8, 16)
    }
    assert len(shas) == 1


class Clock:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.time = 100.0
        self.waits: list[float] = []

    def pause(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.time += seconds
        return False


def test_calls_are_let_pass_no_faster_than_the_rate() -> None:
    clock = Clock()
    pace = Pace(4, lambda: clock.time, clock.pause)
    passed = []
    for _ in range(9):
        pace.wait()
        passed.append(clock.time)
    assert passed == [100 + number / 4 for number in range(9)]


def test_without_a_rate_nothing_waits() -> None:
    clock = Clock()
    pace = Pace(None, lambda: clock.time, clock.pause)
    for _ in range(100):
        pace.wait()
    assert clock.waits == []


def test_a_pause_that_the_source_asked_of_one_thread_holds_for_all(server: LittleServer, tmp_path: Path) -> None:
    clock = Clock()
    session = Session(server.url, tmp_path, Tally(), pace=Pace(None, lambda: clock.time, clock.pause))
    server.first = [Reply(status=429, headers={"Retry-After": "1"})]
    server.answer = lambda call: Reply(b"well")
    waited: list[float] = []

    def other() -> None:
        # runs in the moment when the first thread begins to wait
        session.pace.wait()
        waited.append(clock.time)

    def pause(seconds: float) -> bool:
        session.pace._pause = clock.pause
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(SOON)
        return clock.pause(0)

    session.pace._pause = pause
    assert session.get(session.url, {}, lambda answer: answer.body.read()) == b"well"
    assert waited == [pytest.approx(101)]
    assert session.tally == Tally(http_calls=2, retries=1)


def test_a_stopped_fetch_ends_all_waiting() -> None:
    pace = Pace(0.001)
    pace.wait()
    threading.Timer(0.05, pace.stop).start()
    with pytest.raises(FetchError, match="the fetch was stopped") as failure:
        pace.wait()
    assert failure.value.temporary
