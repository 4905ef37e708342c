"""The one place where pages are counted, followed and ended; every kind of system that pages comes through here.

Two rules, both from extractors that lost records. A short page alone is never taken for the last one, since a source
may cut pages below the size asked for: the walk goes on until an empty page that leads to no other, or until a short
page completes the source's own count. And a source that sends the same page twice does not page at all, which no count
may hide.

Pages that will probably be next are asked for at once where their place is known beforehand; the walk itself takes
them one by one, so that a wrong guess costs a call and never a record.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, TypeVar

from extractors.crew import ALONE, Crew, asking_ahead
from extractors.encodings import Encoding
from extractors.errors import FetchError

Step = TypeVar("Step")
MOST_EMPTY = 1000
"""Empty pages in a row that may lead on."""


@dataclass(frozen=True)
class Page:
    """One answer of a source.

    `size` is its number of records, None where the format cannot be counted without reading it all. `fingerprint`
    is the same for pages with the same records. `cursors` are the records' cursor values. `count` is what the source
    itself says it has in all, `has_more` that it says so, `following` what leads to the page after this one: its link,
    or the last key of this one. `keys` tell its records apart, where the source has something that does. `file` is the
    name that a whole file has at its source, `encoding` how its text was found out to be written.
    """

    body: BinaryIO
    size: int | None
    fingerprint: str = ""
    cursors: tuple[str, ...] = ()
    count: int | None = None
    has_more: bool = False
    following: str | tuple[str, ...] | None = None
    keys: tuple[str, ...] = ()
    file: str = ""
    encoding: Encoding | None = None


def changed(what: str) -> FetchError:
    """Return the error of a source that did not stand still while its pages were read."""
    return FetchError(
        f"the source changed while it was read: {what}, so that records may be missing; fetch again, at a quieter hour "
        "if this stays",
        temporary=True,
    )


def by_offset(
    ask: Callable[[int], Page], page_size: int, count: int | None = None, crew: Crew = ALONE
) -> Iterator[Page]:
    """Walk a source that skips a number of records; `count` is its own, unless its pages carry it."""

    def next_offset(page: Page, received: int) -> int | None:
        return None if _completes(page, received, page_size, count) else received

    def offsets_after(offset: int, page: Page) -> Iterable[int]:
        whole = page.count if count is None else count
        stride = page.size or 1
        return range(offset + 2 * stride, whole or 0, stride)

    return _walk(ask, 0, next_offset, crew, offsets_after)


def by_number(ask: Callable[[int], Page]) -> Iterator[Page]:
    """Walk a source that numbers its pages from 1 and has no count: until an empty page.

    One by one: pages read at once would lose the records that moved from one to the other between the calls.
    """
    numbers = itertools.count(2)
    return _walk(ask, 1, lambda page, received: next(numbers))


def by_link(ask: Callable[[str], Page], first: str) -> Iterator[Page]:
    """Walk a source whose pages carry the address of the next one."""

    def page(link: str) -> Page:
        return past_empty(ask(link), ask)

    return _walk(page, first, lambda page, received: str(page.following) if page.following else None)


def past_empty(page: Page, ask: Callable[[str], Page]) -> Page:
    """Follow the links of empty pages to the first page with records, or without a link.

    Raises FetchError where they lead nowhere.
    """
    seen: set[str] = set()
    while not page.size and isinstance(page.following, str):
        if page.following in seen or len(seen) == MOST_EMPTY:
            raise FetchError(
                f"the links of empty pages lead to no record (after {len(seen)} of them): the source does not page as "
                "asked; check the feed's url with the department"
            )
        seen.add(page.following)
        page.body.close()
        page = ask(page.following)
    return page


def by_key(ask: Callable[[tuple[str, ...]], Page], page_size: int, count: int | None = None) -> Iterator[Page]:
    """Walk a source in the order of a key, each page starting after the last key of the page before; () starts it.

    Unlike an offset, a key neither skips nor repeats records when others are added or removed meanwhile.
    """

    def next_key(page: Page, received: int) -> tuple[str, ...] | None:
        if _completes(page, received, page_size, count) or not page.following:
            return None
        return tuple(page.following)

    start: tuple[str, ...] = ()
    return _walk(ask, start, next_key)


def by_range(ask: Callable[[Step], Page], ranges: Iterable[Step], crew: Crew = ALONE) -> Iterator[Page]:
    """Ask for ranges of keys known beforehand, each one page, which may be empty by now."""
    known = iter(ranges)
    seen: set[str] = set()
    with asking_ahead(ask, _close, crew) as ahead:
        coming = deque(itertools.islice(known, crew.size))
        for number in itertools.count(1):
            if not coming:
                return
            page = ahead.take(coming.popleft(), coming)
            if page.size and page.fingerprint in seen:
                raise _repeated(number)
            yield page
            seen.add(page.fingerprint)
            coming.extend(itertools.islice(known, 1))


def _completes(page: Page, received: int, page_size: int, count: int | None) -> bool:
    whole = page.count if count is None else count
    is_short = not page.has_more and (page.size or 0) < page_size
    return is_short and whole is not None and received >= whole


def _walk(
    ask: Callable[[Step], Page],
    first: Step,
    following: Callable[[Page, int], Step | None],
    crew: Crew = ALONE,
    after: Callable[[Step, Page], Iterable[Step]] = lambda step, page: (),
) -> Iterator[Page]:
    """Yield the pages from the first to the last; the first also when it is empty, as proof that it was asked for.

    `after` guesses the steps after the one that follows a page.
    """
    seen: set[object] = set()
    step: Step | None = first
    guesses: Iterable[Step] = ()
    received = number = 0
    with asking_ahead(ask, _close, crew) as ahead:
        while step is not None:
            page = ahead.take(step, guesses)
            if not page.size and page.has_more:
                raise changed("a page was empty though it said that there are more records")
            if not page.size and number:
                return
            if step in seen or (page.size and page.fingerprint in seen):
                raise _repeated(number + 1)
            yield page
            seen |= {step, page.fingerprint}
            received += page.size or 0
            number += 1
            step = following(page, received) if page.size else None
            guesses = after(step, page) if step is not None else ()


def _repeated(number: int) -> FetchError:
    return FetchError(
        f"page {number} repeats an earlier page: the source does not page as asked, and records would be lost or "
        "counted twice; check the feed's url and page_size with the department"
    )


def _close(page: Page) -> None:
    page.body.close()
