"""Several pages of one source asked for at once, and handed over in their order."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

Step = TypeVar("Step")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Crew:
    """How many ask at once, and what ends their calls when the fetch is over before they are."""

    size: int = 1
    stop: Callable[[], None] = lambda: None


ALONE = Crew()


class Ahead(Generic[Step, Result]):
    """Asks for the steps that will probably be taken next while the present one is waited for.

    No more results wait than the crew has members, so that memory and disk stay bounded.
    """

    def __init__(self, ask: Callable[[Step], Result], drop: Callable[[Result], None], crew: Crew) -> None:
        self._ask, self._drop, self._size = ask, drop, crew.size
        self._asked: deque[tuple[Step, Future[Result]]] = deque()
        self._threads = ThreadPoolExecutor(crew.size, "fetch")

    def take(self, step: Step, guesses: Iterable[Step] = ()) -> Result:
        """Return the result of a step; `guesses` are the steps expected after it, in their order."""
        if self._size == 1:
            return self._ask(step)
        if self._asked and self._asked[0][0] != step:
            self.forget()
        for wanted in itertools.islice(itertools.chain([step], guesses), len(self._asked), self._size):
            self._asked.append((wanted, self._threads.submit(self._ask, wanted)))
        return self._asked.popleft()[1].result()

    def forget(self) -> None:
        """Throw away what was asked for in vain."""
        while self._asked:
            self._asked.popleft()[1].add_done_callback(self._dropped)

    def close(self) -> None:
        """Wait until nobody asks any more."""
        self.forget()
        self._threads.shutdown(cancel_futures=True)

    def _dropped(self, asked: Future[Result]) -> None:
        if not asked.cancelled() and asked.exception() is None:
            self._drop(asked.result())


@contextmanager
def asking_ahead(
    ask: Callable[[Step], Result], drop: Callable[[Result], None], crew: Crew
) -> Iterator[Ahead[Step, Result]]:
    """Ask with a crew; the first error, or an end before the last step, ends the calls of all."""
    ahead = Ahead(ask, drop, crew)
    try:
        yield ahead
    except BaseException:
        crew.stop()
        raise
    finally:
        ahead.close()
