"""Socrata (SODA 2.1): a short data set in one page, others in ranges of a key, reconciled with `$select=count(*)`.

Source of the format: dev.socrata.com, "Queries using SODA" and "System fields". Values are text, null fields are left
out of a record, and floating timestamps are clock times of the city without an offset. System fields begin with a
colon, are in UTC, and come only when they are named. An answer's ETag and Last-Modified are not those of its records.

The keys are listed first, 50,000 a call. An offset would skip or repeat records whenever others are added or removed
between two pages; a range of keys holds the same records as long as they exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from operator import eq

from cities.systems import SocrataFeed
from extractors.clocks import Writing, by_clock, in_utc
from extractors.crew import Crew
from extractors.documents import count_list, read_json, records_in
from extractors.errors import FetchError
from extractors.paging import Page, by_range
from extractors.question import Question
from extractors.quoting import literal
from extractors.session import Answer, Session, show
from extractors.source import Layout, Source, open_session, token

KEYS_A_CALL = 50_000
"""As many rows as any version of the interface gives at once."""


@dataclass(frozen=True)
class Range:
    """Keys that lie in order from `first` to `last`, and how many there are."""

    first: str
    last: str
    size: int


def ask(feed: SocrataFeed, question: Question) -> Source:
    """Ask a data set for its records; the access token, when there is one, lifts the limit on anonymous calls."""
    given = token(feed)
    session = open_session(feed, question, {"X-App-Token": given} if given else {})
    view = View(feed, session, _conditions(feed, question))
    count = view.count()
    return Source(Layout(format="json"), view.pages(count), count, question.narrows(feed.cursor), recount=view.count)


@dataclass(frozen=True)
class View:
    """A data set and what is asked of it."""

    feed: SocrataFeed
    session: Session
    conditions: list[str]

    def count(self, *conditions: str) -> int:
        """Return how many records the data set says it has."""
        return self.session.get(self.session.url, {"$select": "count(*)", **self._where(*conditions)}, _count)

    def pages(self, count: int) -> Iterator[Page]:
        """Yield the pages: the only one, where the count says so and it holds so many, or ranges of keys."""
        if count < self.feed.page_size:
            page = self._page(self.feed.page_size)
            if count <= (page.size or 0) < self.feed.page_size:
                yield page
                return
            page.body.close()
        listed = self._listed(count)
        first = next(listed, None)
        if first is None:
            yield self._page(self.feed.page_size)
            return
        yield from by_range(self._whole, chain([first], listed), Crew(self.feed.parallel, self.session.stop))

    def _listed(self, count: int) -> Iterator[Range]:
        """List the keys, to the end or a short answer that completes the count, and cut them into pages."""
        seen: set[str | None] = set()
        last: str | None = None
        received = 0
        while last not in seen and (keys := self._keys(last)):
            for start in range(0, len(keys), self.feed.page_size):
                part = keys[start : start + self.feed.page_size]
                yield Range(part[0], part[-1], len(part))
            seen.add(last)
            received, last = received + len(keys), keys[-1]
            if len(keys) < KEYS_A_CALL and received >= count:
                return
        if last in seen:
            raise FetchError(
                f"{show(self.session.url)}: the key {self.feed.key!r} is not compared as it is ordered; name another"
            )

    def _keys(self, last: str | None) -> list[str]:
        key = self.feed.key
        after = [] if last is None else [f"{key} > {literal(last)}"]
        params = {"$select": key, "$order": key, "$limit": str(KEYS_A_CALL), **self._where(*after)}
        return self.session.get(self.session.url, params, lambda answer: _keys(answer, key))

    def _whole(self, asked: Range) -> Page:
        """Ask for a range; fewer records than keys are believed only when the source has no more of them by now."""
        between = f"{self.feed.key} >= {literal(asked.first)}", f"{self.feed.key} <= {literal(asked.last)}"
        # a record that came between the page and the count is no sign of a cut: the source is asked once more
        for _ in range(2):
            page = self._page(KEYS_A_CALL, *between)
            size = page.size or 0
            if size >= asked.size or (has := self.count(*between)) <= size:
                return page
            page.body.close()
        raise FetchError(
            f"{show(self.session.url)}: only {size} of {has} records came: the source cuts its pages; "
            f"set page_size to {max(1, size)} or less"
        )

    def _page(self, limit: int, *conditions: str) -> Page:
        params = {"$limit": str(limit), "$order": self.feed.key, **self._fields(), **self._where(*conditions)}
        return self.session.get(self.session.url, params, lambda answer: _page(answer, self.feed.cursor))

    def _fields(self) -> dict[str, str]:
        """Return the choice of fields: all, and the system fields that the city file names."""
        mapped = [wording for field in self.feed.fields.values() for wording in field.wordings]
        named = {name for name in (self.feed.cursor, *mapped, *self.feed.keep) if name and name.startswith(":")}
        return {"$select": ", ".join([*sorted(named), "*"])} if named else {}

    def _where(self, *more: str) -> dict[str, str]:
        conditions = [*self.conditions, *more]
        return {"$where": " AND ".join(conditions)} if conditions else {}


def _conditions(feed: SocrataFeed, question: Question) -> list[str]:
    low, high = question.bounds(feed.cursor, _writing(feed, question))
    conditions = [f"({feed.where})"] if feed.where else []
    conditions += [f"{feed.cursor} >= {literal(low)}"] if low is not None else []
    return conditions + ([f"{feed.cursor} < {literal(high)}"] if high is not None else [])


def _writing(feed: SocrataFeed, question: Question) -> Writing:
    is_system_field = (feed.cursor or "").startswith(":")
    return in_utc("%Y-%m-%dT%H:%M:%SZ") if is_system_field else by_clock(question.zone)


def _page(answer: Answer, cursor: str | None) -> Page:
    return Page(answer.body, *count_list(answer, cursor))


def _keys(answer: Answer, key: str) -> list[str]:
    count, _, keys = count_list(answer, key)
    if len(keys) < count or any(map(eq, keys, keys[1:])):
        raise FetchError(
            f"{answer.shown}: the key {key!r} is blank or repeated; leave `key` out, or name a field that is neither"
        )
    return list(keys)


def _count(answer: Answer) -> int:
    """Read `[{"count": "12"}]`; the name of the only column differs between versions."""
    rows = records_in(read_json(answer), "", answer.shown)
    values = [str(value) for row in rows for value in row.values()]
    if len(values) != 1 or not values[0].isdigit():
        raise FetchError(f"{answer.shown}: the source did not answer $select=count(*) with one number")
    return int(values[0])
