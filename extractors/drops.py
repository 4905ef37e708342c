"""What holds for files that a department drops somewhere: which are finished, and whether anything changed.

All files that match are one delivery, in the order of their names, and each delivery holds all of them again: records
known already are recognised.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from time import sleep, time

from cities.systems import DropTerms
from extractors.errors import FetchError, in_text
from extractors.files import layout_of
from extractors.paging import Page
from extractors.question import Question
from extractors.source import Source

LOG = logging.getLogger("civiclake.fetch")
UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart")
"""Endings that programs give to a file while they are still writing it."""


@dataclass(frozen=True)
class Dropped:
    """A file as its folder lists it: its name there, its size in bytes, when it was last changed, since 1970."""

    name: str
    size: int
    changed_ns: int

    @property
    def shown(self) -> str:
        """Its name as messages and receipts write it."""
        return in_text(self.name)


@dataclass(frozen=True)
class Listing:
    """What lies in a drop at one moment: the files that match, and whether a name is there at all."""

    files: list[Dropped]
    is_there: Callable[[str], bool]


@dataclass(frozen=True)
class Drop:
    """A place that files are dropped into: how it is shown, what lies there now, how files are read."""

    shown: str
    listed: Callable[[], Listing]
    read: Callable[[list[Dropped]], Iterator[Page]]


def is_temporary(name: str) -> bool:
    """Return whether a file has a name that programs give while they write: it will get another."""
    last = PurePosixPath(name).name
    return last.startswith((".", "~$")) or last.endswith(UNFINISHED)


def source_of(feed: DropTerms, question: Question, drop: Drop) -> Source:
    """Return the finished files of a drop as a source; none at all is a delivery that did not come, not an empty one.

    While a file is not finished it is left for the next time, and a record's absence means nothing.
    """
    found, finished = _look(feed, drop)
    if not finished:
        raise FetchError(f"{drop.shown}: {_nothing_yet(feed, found)}", temporary=True)
    _refuse_large(feed, drop, finished)
    is_narrowed = len(finished) < len(found)
    listing = _digest(feed, finished, is_narrowed)
    layout = layout_of(feed)
    if listing == question.validator:
        return Source(layout, iter(()), validator=lambda: listing, not_modified=True)
    return Source(layout, drop.read(finished), is_narrowed=is_narrowed, validator=lambda: listing)


def changed_while_read(shown: str) -> FetchError:
    """Return the error of a file that was not the same before and after it was read."""
    return FetchError(f"{shown}: the file changed while it was read; it is still being written", temporary=True)


def _look(feed: DropTerms, drop: Drop) -> tuple[list[Dropped], list[Dropped]]:
    """Return the files that are meant, and those of them that are finished, by name.

    A file that changed a moment ago is looked at again; one that changed since then is still being written.
    """
    before = now = drop.listed()
    if any(abs(time() - file.changed_ns / 1e9) < feed.settle for file in _meant(before)):
        sleep(feed.settle)
        now = drop.listed()
    found, known = _meant(now), set(before.files)
    finished = [file for file in found if file in known and _is_marked(file, feed, now)]
    for file in sorted(set(found) - set(finished), key=lambda file: file.name):
        LOG.info("%s: %s is not finished and left for the next time", drop.shown, file.shown)
    return found, finished


def _meant(listing: Listing) -> list[Dropped]:
    return sorted((file for file in listing.files if not is_temporary(file.name)), key=lambda file: file.name)


def _is_marked(file: Dropped, feed: DropTerms, listing: Listing) -> bool:
    path = PurePosixPath(file.name)
    return feed.done is None or listing.is_there(str(path.with_name(feed.done.replace("{name}", path.name))))


def _nothing_yet(feed: DropTerms, found: list[Dropped]) -> str:
    if not found:
        return f"no file matches {feed.glob!r} yet"
    marker = f"a marker file {feed.done!r} beside it, and " if feed.done else ""
    needs = f"{marker}{feed.settle:g} s without a change"
    return f"{found[0].shown} is not finished yet, nor is any other; it needs {needs}"


def _refuse_large(feed: DropTerms, drop: Drop, files: list[Dropped]) -> None:
    for file in files:
        if file.size > feed.limit_mb * 2**20:
            raise FetchError(
                f"{drop.shown}: {file.shown} is over the limit of {feed.limit_mb:,} MB; "
                "if it is right that it is so large, raise the feed's `limit_mb`"
            )


def _digest(feed: DropTerms, files: list[Dropped], is_narrowed: bool) -> str:
    """Return what is the same only while the same files lie there unchanged and are to be read in the same way."""
    told = (layout_of(feed).model_dump_json(), feed.encoding, is_narrowed, files)
    return hashlib.sha256(repr(told).encode()).hexdigest()
