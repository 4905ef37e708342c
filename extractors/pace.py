"""How fast a source may be asked, over all threads of a fetch, and when it wants to be left alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from extractors.errors import FetchError


class Pace:
    """Lets one call after the other pass: at most `rate` a second, none while the source is to be left alone.

    `clock` gives seconds; `pause` waits for some and returns True when the fetch was stopped meanwhile.
    """

    def __init__(
        self,
        rate: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], bool] | None = None,
    ) -> None:
        self._spacing = 1 / rate if rate else 0.0
        self._clock = clock
        self._lock = threading.Lock()
        self._next = clock()
        self.stopped = threading.Event()
        self._pause = pause or self.stopped.wait

    def wait(self) -> None:
        """Return when the next call may be made; raises FetchError when the fetch was stopped."""
        while (seconds := self._seconds_left()) > 0:
            if self._pause(seconds):
                break
        if self.stopped.is_set():
            raise FetchError("the fetch was stopped", temporary=True)

    def hold(self, seconds: float) -> None:
        """Leave the source alone for some time: what one thread was told holds for all."""
        with self._lock:
            self._next = max(self._next, self._clock() + seconds)

    def stop(self) -> None:
        """End all waiting."""
        self.stopped.set()

    def _seconds_left(self) -> float:
        with self._lock:
            now = self._clock()
            if now < self._next:
                return self._next - now
            self._next = now + self._spacing
            return 0.0
