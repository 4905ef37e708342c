"""Files that a department drops into a folder of this machine, or of a disk that is mounted on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cities import home
from cities.systems import FolderFeed
from extractors.drops import Drop, Dropped, Listing, changed_while_read, is_temporary, source_of
from extractors.encodings import plausible
from extractors.errors import FetchError, in_text
from extractors.files import as_page, layout_of
from extractors.paging import Page
from extractors.question import Question
from extractors.session import Answer
from extractors.source import Source, address


def ask(feed: FolderFeed, question: Question) -> Source:
    """Ask for all finished files; a cursor or window changes nothing, since records known already are recognised."""
    folder = _folder(address(feed))
    layout, candidates = layout_of(feed), plausible(feed.encoding, question.zone.key)

    def read(files: list[Dropped]) -> Iterator[Page]:
        for file in files:
            path, shown = folder / file.name, f"{folder}/{file.shown}"
            with path.open("rb") as body:
                before = os.fstat(body.fileno())
                yield as_page(Answer(body, shown), layout, candidates, file.shown)
                after = path.stat()
            if _state(before) != _state(after) or (before.st_size, before.st_mtime_ns) != (file.size, file.changed_ns):
                raise changed_while_read(shown)

    return source_of(feed, question, Drop(str(folder), lambda: _listed(folder, feed.glob), read))


def _folder(url: str) -> Path:
    parts = urlsplit(url)
    if parts.scheme != "file" or parts.netloc:
        raise FetchError("write a folder's url as file:///srv/planning or, under CIVICLAKE_HOME, file:drops/planning")
    # a relative folder lies under CIVICLAKE_HOME
    folder = home() / unquote(parts.path)
    if not folder.is_dir():
        raise FetchError(f"{folder}: no such folder; correct the feed's url, or mount it", temporary=True)
    return folder.resolve()


def _listed(folder: Path, glob: str) -> Listing:
    found = [path for path in folder.glob(glob) if path.is_file() and not is_temporary(path.name)]
    astray = [in_text(path.name) for path in found if not path.resolve().is_relative_to(folder)]
    if astray:
        raise FetchError(f"{folder}: {', '.join(astray)} leads out of the folder, which is refused")
    states = [(path.relative_to(folder).as_posix(), path.stat()) for path in found]
    files = [Dropped(name, state.st_size, state.st_mtime_ns) for name, state in states]
    return Listing(files, lambda name: (folder / name).is_file())


def _state(file: os.stat_result) -> tuple[int, int, int]:
    return file.st_size, file.st_mtime_ns, file.st_ino
