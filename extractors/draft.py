"""What is being written beside its place and becomes visible, whole, by one rename."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from extractors.delivery import KeptPage, Receipt
from extractors.encodings import Encoding

CHUNK = 2**20


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

    def keep(
        self, body: BinaryIO, records: int | None, suffix: str, at_source: str = "", encoding: Encoding | None = None
    ) -> KeptPage:
        """Write a page byte for byte and force it to the disk."""
        name = f"{len(self.pages):05}{suffix}"
        digest, size = hashlib.sha256(), 0
        with (self.folder / "pages" / name).open("xb") as file:
            while chunk := body.read(CHUNK):
                digest.update(chunk)
                size += file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        page = KeptPage(
            name=name,
            bytes=size,
            records=records,
            sha256=digest.hexdigest(),
            file=at_source,
            encoding=encoding.name if encoding else None,
            is_guess=bool(encoding and encoding.is_guess),
        )
        self.pages.append(page)
        return page

    def publish(self, receipt: Receipt) -> Path:
        """Write the receipt and make the delivery visible; where another process was first, its delivery stands."""
        with (self.folder / "receipt.json").open("x", encoding="utf-8") as file:
            file.write(receipt.model_dump_json(indent=1))
            file.flush()
            os.fsync(file.fileno())
        for folder in (self.folder / "pages", self.folder):
            sync(folder)
        try:
            self.folder.rename(self.place)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        sync(self.place.parent)
        return self.place


def sync(folder: Path) -> None:
    """Force to the disk which names a folder holds."""
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
