"""A delivery: the pages of one fetch as they came, with a receipt; it is complete or it is not there.

It is written into a draft beside its place, which readers never see, forced to the disk, and made visible by one
rename. A process that dies leaves a draft, which the feed's next fetch removes.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from pydantic import AwareDatetime, BaseModel, ConfigDict

from cities import home
from extractors.errors import FetchError
from extractors.source import Layout

CHUNK = 2**20
NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]*")


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(_Kept):
    """The window that was asked for, as instants; both None when the cursor decided."""

    start: AwareDatetime | None = None
    end: AwareDatetime | None = None


class KeptPage(_Kept):
    """One page: its file's name under `pages/`, its size in bytes and records (None: not counted), its hash."""

    name: str
    bytes: int
    records: int | None
    sha256: str


class Receipt(_Kept):
    """What was asked, what came, and what the source said it had.

    `source_count` is the source's own number for the same question, taken before the pages; None where it has none.
    `complete_snapshot` is true when nothing narrowed the question and the counts agree, as far as there are any: only
    then does a record's absence mean that it was withdrawn. `cursor_to` is the greatest cursor value that came;
    `moves_cursor` says whether the next fetch may start there: no window was asked for, and no fewer records came
    than the source counted.
    `sha256` is the hash of the pages' hashes in their order.
    """

    feed: str
    delivery_id: str
    system: str
    fetched_at: AwareDatetime
    finished_at: AwareDatetime
    window: Span
    cursor_from: str | None
    cursor_to: str | None
    moves_cursor: bool
    complete_snapshot: bool
    pages: list[KeptPage]
    records: int | None
    source_count: int | None
    http_calls: int
    retries: int
    bytes: int
    sha256: str
    layout: Layout

    @classmethod
    def read(cls, path: Path) -> Receipt:
        """Read a receipt from its file, or from its delivery's folder."""
        place = path / "receipt.json" if path.is_dir() else path
        return cls.model_validate_json(place.read_bytes())


@dataclass(frozen=True)
class Delivery:
    """A complete delivery at its place."""

    place: Path
    receipt: Receipt

    @classmethod
    def read(cls, place: Path) -> Delivery:
        """Open the delivery at a place; raises FileNotFoundError when it is not there."""
        return cls(place, Receipt.read(place))

    @property
    def pages(self) -> list[Path]:
        """The files of the pages, in their order."""
        return [self.place / "pages" / page.name for page in self.receipt.pages]


def delivery_place(feed_id: str, delivery_id: str) -> Path:
    """Return where a delivery lies or will lie."""
    for name in (feed_id, delivery_id):
        if not NAME.fullmatch(name):
            raise FetchError(f"{name!r} cannot name a delivery; use letters, digits, _ and -")
    return home() / "deliveries" / feed_id / delivery_id


def draft_beside(place: Path) -> Path:
    """Return where this process writes what one rename will make visible at a place."""
    # the machine belongs to the name: a process number says nothing about another worker's processes
    return place.parent / f".{place.name}.{socket.gethostname()}.{os.getpid()}"


def remove_abandoned_drafts(folder: Path) -> None:
    """Remove the drafts in a folder whose processes, all of this machine, are no more."""
    for draft in folder.glob(f".*.{socket.gethostname()}.*"):
        if not _is_alive(int(draft.name.rpartition(".")[2])):
            shutil.rmtree(draft, ignore_errors=True)


@dataclass
class Draft:
    """A delivery while it is written; leaving the `with` block without `publish` removes it."""

    place: Path
    pages: list[KeptPage] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """The private folder that becomes the delivery."""
        return draft_beside(self.place)

    def __enter__(self) -> Draft:
        for folder in (self.place.parent.parent, self.place.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
        remove_abandoned_drafts(self.place.parent)
        shutil.rmtree(self.folder, ignore_errors=True)
        for folder in (self.folder, self.folder / "pages"):
            folder.mkdir(mode=0o700)
        return self

    def __exit__(self, *reason: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def keep(self, body: BinaryIO, records: int | None, suffix: str) -> KeptPage:
        """Write a page byte for byte and force it to the disk."""
        name = f"{len(self.pages):05}{suffix}"
        digest, size = hashlib.sha256(), 0
        with (self.folder / "pages" / name).open("xb") as file:
            while chunk := body.read(CHUNK):
                digest.update(chunk)
                size += file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        page = KeptPage(name=name, bytes=size, records=records, sha256=digest.hexdigest())
        self.pages.append(page)
        return page

    def publish(self, receipt: Receipt) -> Path:
        """Write the receipt and make the delivery visible; where another process was first, its delivery stands."""
        with (self.folder / "receipt.json").open("x", encoding="utf-8") as file:
            file.write(receipt.model_dump_json(indent=1))
            file.flush()
            os.fsync(file.fileno())
        for folder in (self.folder / "pages", self.folder):
            _sync(folder)
        try:
            self.folder.rename(self.place)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        _sync(self.place.parent)
        return self.place


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
