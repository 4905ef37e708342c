"""The errors of a delivery that cannot be fetched, and of one that is no longer what was fetched."""

from __future__ import annotations


class FetchError(RuntimeError):
    """A delivery could not be fetched, and nothing of it is visible; the message says what, where, what to do.

    `temporary` tells whether asking again later can help. `wait_seconds` is how long the source asked to be left alone.
    """

    def __init__(self, message: str, *, temporary: bool = False, wait_seconds: float | None = None) -> None:
        super().__init__(message)
        self.temporary = temporary
        self.wait_seconds = wait_seconds


class DamagedDelivery(RuntimeError):
    """A kept delivery is not what was fetched; the message says which file and what to do."""


def in_text(name: str) -> str:
    """Return the name of a file as text: a disk takes any bytes for one; what is not UTF-8 is written like `\\xe9`."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
