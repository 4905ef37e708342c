"""Opens what a kept page is packed in: the members of a zip that the city file names, or gzip by its first bytes.

The page itself stays as it came. What it says of its unpacked size is not trusted: bytes are counted as they come out.
"""

from __future__ import annotations

import errno
import gzip
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, cast

from extractors.source import Layout

CHUNK = 2**20
GZIP = b"\x1f\x8b"
DAMAGED = (EOFError, ValueError, NotImplementedError, OverflowError, struct.error, zlib.error, gzip.BadGzipFile,
           zipfile.BadZipFile)  # fmt: skip
"""What the libraries raise for a file that is not what it should be; a damaged length leads them anywhere."""

READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED = 0x1
"""The flag of a zip member that wants a password (APPNOTE.TXT 4.4.4)."""


class UnpackError(Exception):
    """A file cannot be unpacked; `temporary` where it is damaged, so that asking again can bring a whole one."""

    def __init__(self, message: str, *, temporary: bool = False) -> None:
        super().__init__(message)
        self.temporary = temporary


def is_packed(body: IO[bytes], layout: Layout) -> bool:
    """Return whether other files lie in a page; it is rewound."""
    body.seek(0)
    start = body.read(len(GZIP))
    body.seek(0)
    return layout.member is not None or start == GZIP


def unpacked(body: IO[bytes], layout: Layout) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield the name and the bytes, in chunks, of each file in a page; one that is not packed has no name.

    Raises UnpackError, also while the chunks are taken.
    """
    left = _Allowance(layout.limit_mb)
    if layout.member is not None:
        yield from _members(body, layout.member, left)
    elif is_packed(body, layout):
        yield "", left.chunks(cast(IO[bytes], gzip.GzipFile(fileobj=body, mode="rb")))
    else:
        yield "", left.chunks(body)


def _members(body: IO[bytes], pattern: str, left: _Allowance) -> Iterator[tuple[str, Iterator[bytes]]]:
    try:
        with zipfile.ZipFile(body) as archive:
            chosen = _chosen(archive.infolist(), pattern)
            left.refuse(sum(info.file_size for info in chosen))
            for info in chosen:
                with archive.open(info) as stream:
                    yield info.filename, left.chunks(stream)
    except (*DAMAGED, OSError) as error:
        # a damaged directory leads before the beginning of the file
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        raise UnpackError("what came is no zip, or only a part of one", temporary=True) from None


def _chosen(infos: list[zipfile.ZipInfo], pattern: str) -> list[zipfile.ZipInfo]:
    """Return the members that a pattern names, by name; one in a folder is named without it too."""
    files = [info for info in infos if not info.is_dir() and not PurePosixPath(info.filename).name.startswith(".")]
    chosen = sorted((i for i in files if PurePosixPath(i.filename).match(pattern)), key=lambda info: info.filename)
    if not chosen:
        there = ", ".join(info.filename for info in files[:20]) or "none"
        raise UnpackError(f"the zip has no member {pattern!r}; it has {there}; correct the feed's `member`")
    if len({info.filename for info in chosen}) < len(chosen):
        raise UnpackError("the zip holds two members of one name, and which is meant cannot be known")
    if any(info.flag_bits & ENCRYPTED or info.compress_type not in READABLE for info in chosen):
        raise UnpackError(f"the zip's member {pattern!r} wants a password, or is packed otherwise than by deflate")
    return chosen


class _Allowance:
    """How much may still be unpacked of one page."""

    def __init__(self, limit_mb: int) -> None:
        self.limit_mb, self.left = limit_mb, limit_mb * 2**20

    def refuse(self, size: int) -> None:
        """Raise UnpackError when this many bytes are too many."""
        if size > self.left:
            raise UnpackError(
                f"unpacked, the file is over the limit of {self.limit_mb:,} MB; "
                "if it is right that it is so large, raise the feed's `limit_mb`"
            )

    def chunks(self, stream: IO[bytes]) -> Iterator[bytes]:
        """Yield what a stream holds, counting it."""
        try:
            while chunk := stream.read(CHUNK):
                self.refuse(len(chunk))
                self.left -= len(chunk)
                yield chunk
        except DAMAGED:
            raise UnpackError("the packed file is damaged or was cut off", temporary=True) from None
