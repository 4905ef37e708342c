"""Where messages lie between their sender's being told that they arrived and their delivery.

A broker sends only so many messages before one is acknowledged, often twenty: that cannot wait for the delivery.
An acknowledged message lies here, forced to the disk, until a delivery that holds it was taken in: where a process dies
anywhere in between, or a visible delivery is never loaded, the feed's next gathering brings it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from cities import home
from extractors.draft import sync
from extractors.errors import FetchError


class Inbox:
    """The messages of one feed that wait for the delivery at a place, one a line."""

    def __init__(self, delivery: Path, is_taken_in: Callable[[Path], bool] = Path.exists) -> None:
        self.feed_id = delivery.parent.name
        self.folder = home() / "inbox" / self.feed_id
        self.file = self.folder / f"{delivery.name}.ndjson"
        self._delivery, self._is_taken_in = delivery, is_taken_in
        self.count = self.bytes = 0
        self._held = ExitStack()
        self._open: BinaryIO | None = None

    def hold(self) -> None:
        """Hold the inbox until its delivery is visible, and find what an earlier gathering left.

        Raises FetchError where another process holds it, or has just made this delivery.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = self._held.enter_context((self.folder / "lock").open("w"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            raise FetchError("another process gathers this feed's messages just now", temporary=True) from None
        if self._delivery.exists():
            self.release()
            raise FetchError("another process made this delivery meanwhile", temporary=True)
        self._take_over()
        self._open = self._held.enter_context(self.file.open("ab"))
        sync(self.folder)

    def release(self) -> None:
        """Let the inbox go as it is: whether its delivery was taken in, the next gathering asks."""
        self._held.close()

    def keep(self, lines: list[bytes]) -> None:
        """Append messages; when this returns they are on the disk."""
        assert self._open is not None
        self._open.writelines(lines)
        self._open.flush()
        os.fsync(self._open.fileno())
        self.count += len(lines)
        self.bytes += sum(map(len, lines))

    @property
    def is_new(self) -> bool:
        """Whether no gathering of this feed ever had a session at its sender."""
        return not (self.folder / "session").exists()

    def remember(self) -> None:
        """Remember that the sender keeps messages for this feed from now on."""
        (self.folder / "session").touch()

    def _take_over(self) -> None:
        """Make one file of this delivery out of what an earlier one held in vain, without its torn last line."""
        for left in self.folder.glob("*.ndjson"):
            if self._is_taken_in(self._delivery.parent / left.stem):
                left.unlink()
            elif left != self.file:
                left.rename(self.file)
        if self.file.exists():
            self._mend()

    def _mend(self) -> None:
        with self.file.open("r+b") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    # it was not on the disk in whole, so it was not acknowledged, and comes again
                    file.truncate(self.bytes)
                    break
                self.count += 1
                self.bytes += len(line)
