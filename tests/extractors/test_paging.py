from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given, strategies

from extractors import FetchError
from extractors.paging import MOST_EMPTY, Page, by_key, by_link, by_number, by_offset


def page_of(records: list[int], **more: object) -> Page:
    return Page(BytesIO(), len(records), repr(records), tuple(map(str, records)), **more)  # type: ignore[arg-type]


def values(pages: list[Page]) -> list[int]:
    return [int(text) for page in pages for text in page.cursors]


class Shelf:
    """A source of numbered records that cuts pages at its own limit, and counts as it likes."""

    def __init__(self, records: int, limit: int, count: int | None = None) -> None:
        self.records, self.limit, self.count, self.asked = list(range(records)), limit, count, 0

    def at(self, offset: int) -> Page:
        self.asked += 1
        return page_of(self.records[offset : offset + self.limit], count=self.count)

    def after(self, key: tuple[str, ...]) -> Page:
        self.asked += 1
        start = int(key[0]) + 1 if key else 0
        found = self.records[start : start + self.limit]
        return page_of(found, count=self.count, following=(str(found[-1]),) if found else None)


@given(strategies.integers(0, 40), strategies.integers(1, 12), strategies.integers(1, 12), strategies.booleans())
def test_every_record_comes_exactly_once_whatever_the_sizes(
    records: int, limit: int, page_size: int, has_count: bool
) -> None:
    for walk in ("offset", "key"):
        shelf = Shelf(records, min(limit, page_size), records if has_count else None)
        pages = by_offset(shelf.at, page_size) if walk == "offset" else by_key(shelf.after, page_size)
        assert values(list(pages)) == shelf.records


def test_a_short_page_that_completes_the_count_is_the_last() -> None:
    shelf = Shelf(25, limit=10)
    assert len(list(by_offset(shelf.at, 10, count=25))) == 3
    assert shelf.asked == 3


def test_exactly_one_page_is_read_and_the_next_one_asked_for() -> None:
    shelf = Shelf(10, limit=10)
    pages = list(by_offset(shelf.at, 10, count=10))
    assert [page.size for page in pages] == [10]
    assert shelf.asked == 2


def test_a_short_page_without_a_count_is_not_taken_for_the_last() -> None:
    shelf = Shelf(25, limit=5)
    assert values(list(by_offset(shelf.at, page_size=10))) == list(range(25))


def test_a_count_that_is_too_low_loses_no_record() -> None:
    shelf = Shelf(25, limit=10)
    assert values(list(by_offset(shelf.at, 10, count=20))) == list(range(25))


def test_a_count_that_is_too_high_does_not_keep_asking_for_ever() -> None:
    shelf = Shelf(25, limit=10)
    assert values(list(by_offset(shelf.at, 10, count=28))) == list(range(25))
    assert shelf.asked == 4


def test_a_source_that_says_it_has_more_is_asked_on_though_the_count_is_reached() -> None:
    shelf = Shelf(8, limit=4)
    pages = by_key(lambda key: _with_more(shelf.after(key), if_empty=False), page_size=10, count=4)
    assert values(list(pages)) == list(range(8))


def _with_more(page: Page, if_empty: bool = True) -> Page:
    return replace(page, has_more=bool(page.size) or if_empty)


def test_an_empty_source_gives_its_one_empty_page() -> None:
    for pages in (by_offset(Shelf(0, 5).at, 5), by_key(Shelf(0, 5).after, 5), by_number(lambda number: page_of([]))):
        assert [page.size for page in pages] == [0]


def test_numbered_pages_end_at_the_first_empty_one() -> None:
    shelf = Shelf(7, limit=3)
    assert values(list(by_number(lambda number: shelf.at((number - 1) * 3)))) == list(range(7))
    assert shelf.asked == 4


def test_links_are_followed_to_the_page_that_has_none() -> None:
    pages = {"a": page_of([1], following="b"), "b": page_of([2], following="c"), "c": page_of([3])}
    assert values(list(by_link(pages.__getitem__, "a"))) == [1, 2, 3]


@pytest.mark.parametrize("empty", ["a", "b", "c", "bc", "abc"])
def test_links_of_empty_pages_are_followed_too(empty: str) -> None:
    links = {"a": "b", "b": "c", "c": "d", "d": None}
    pages = {name: page_of([] if name in empty else [number], following=link)
             for number, (name, link) in enumerate(links.items())}  # fmt: skip
    walked = list(by_link(pages.__getitem__, "a"))
    assert values(walked) == [number for number, name in enumerate(links) if name not in empty]
    assert all(page.size for page in walked)


@pytest.mark.parametrize("first", [page_of([1], following="b"), page_of([], following="b")])
def test_links_of_empty_pages_that_lead_nowhere_are_refused(first: Page) -> None:
    in_circles = {"a": first, "b": page_of([], following="c"), "c": page_of([], following="b")}
    with pytest.raises(FetchError, match="the links of empty pages lead to no record") as failure:
        list(by_link(in_circles.__getitem__, "a"))
    assert not failure.value.temporary
    with pytest.raises(FetchError, match=f"after {MOST_EMPTY} of them"):
        list(by_link(lambda link: page_of([], following=f"{link}x"), "a"))


@pytest.mark.parametrize("before", [0, 4])
def test_an_empty_page_of_a_source_that_says_it_has_more_is_not_taken_for_the_last(before: int) -> None:
    shelf = Shelf(before, limit=4)
    for pages in (
        by_key(lambda key: _with_more(shelf.after(key)), page_size=4),
        by_offset(lambda offset: _with_more(shelf.at(offset)), page_size=4),
    ):
        with pytest.raises(FetchError, match="the source changed while it was read: a page was empty") as failure:
            list(pages)
        assert failure.value.temporary


def test_a_page_that_comes_again_is_refused() -> None:
    with pytest.raises(FetchError, match="page 2 repeats an earlier page") as failure:
        list(by_number(lambda number: page_of([1, 2, 3])))
    assert not failure.value.temporary


def test_a_link_that_leads_back_is_refused() -> None:
    pages = {"a": page_of([1], following="b"), "b": page_of([2], following="a")}
    with pytest.raises(FetchError, match="repeats an earlier page"):
        list(by_link(pages.__getitem__, "a"))
