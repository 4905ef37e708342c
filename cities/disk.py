"""What every library says in its own way when a disk is full, in words for the person who must make room."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator

from cities.home import home

FULL = (errno.ENOSPC, errno.EDQUOT)
WORDS = ("no space left on device", "disk is full", "disk quota exceeded", "(os error 28)")
IO_WORDS = "disk i/o error"
"""SQLite says this of a disk so full that it cannot even make its working files, and of a broken one."""

LEAST_BYTES = 2**20


class DiskFull(RuntimeError):
    """There was no space left; the message says where and what to do. Nothing that was complete before is lost."""


def full_disk(error: BaseException) -> str | None:
    """Return what to tell where an error, or one that led to it, comes from a full disk; None where it does not."""
    if not any(_is_full(one) for one in _chain(error)):
        return None
    free = shutil.disk_usage(home()).free
    return f"no space is left on a disk ({home()} has {free:,} bytes free); make room, then run again: nothing was lost"


def says_full(message: str) -> bool:
    """Return whether a library's message tells of a full disk."""
    told = message.lower()
    return any(words in told for words in WORDS) or (
        IO_WORDS in told and shutil.disk_usage(home()).free < LEAST_BYTES
    )


def _is_full(error: BaseException) -> bool:
    return (isinstance(error, OSError) and error.errno in FULL) or says_full(str(error))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
