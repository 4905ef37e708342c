"""Files that a department drops into a folder: all that match are one delivery, in the order of their names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cities import home
from cities.model import FolderFeed
from extractors.errors import FetchError
from extractors.files import as_page, layout_of
from extractors.paging import Page
from extractors.question import Question
from extractors.session import Answer
from extractors.source import Layout, Source, address

UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart")
"""Endings that programs give to a file while they are still writing it."""


def ask(feed: FolderFeed, question: Question) -> Source:
    """Ask for all files that match; a cursor or window changes nothing, since records known already are recognised."""
    folder = _folder(address(feed))
    layout = layout_of(feed, feed.format)
    return Source(layout, _pages(_matching(folder, feed.glob), layout))


def _folder(url: str) -> Path:
    parts = urlsplit(url)
    if parts.scheme != "file" or parts.netloc:
        raise FetchError("write a folder's url as file:///srv/planning or, under CIVICLAKE_HOME, file:drops/planning")
    # a relative folder lies under CIVICLAKE_HOME
    folder = home() / unquote(parts.path)
    if not folder.is_dir():
        raise FetchError(f"{folder}: no such folder; correct the feed's url, or mount it", temporary=True)
    return folder.resolve()


def _matching(folder: Path, glob: str) -> list[Path]:
    """Return the files dropped so far; none at all is a delivery that did not come, not an empty one."""
    found = sorted(path for path in folder.glob(glob) if path.is_file() and _is_finished(path))
    astray = [path.name for path in found if not path.resolve().is_relative_to(folder)]
    if astray:
        raise FetchError(f"{folder}: {', '.join(astray)} leads out of the folder, which is refused")
    if not found:
        raise FetchError(f"{folder}: no file matches {glob!r} yet", temporary=True)
    return found


def _is_finished(path: Path) -> bool:
    return not path.name.startswith((".", "~$")) and not path.name.endswith(UNFINISHED)


def _pages(files: list[Path], layout: Layout) -> Iterator[Page]:
    for path in files:
        with path.open("rb") as body:
            before = os.fstat(body.fileno())
            yield as_page(Answer(body, str(path)), layout)
            after = path.stat()
        if (before.st_size, before.st_mtime_ns, before.st_ino) != (after.st_size, after.st_mtime_ns, after.st_ino):
            raise FetchError(f"{path}: the file changed while it was read; it is still being written", temporary=True)
