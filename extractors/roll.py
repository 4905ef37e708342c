"""Which records came, by their keys: how a change of the source between two of its pages is noticed.

A record removed before the place that was reached pulls others onto pages that were read already, and one that moves
there is never met. Where pages are numbered or linked and nothing else tells, their records are listed a second time,
which doubles the calls of a fetch of several pages: a record that did not come then shows. One that comes twice, or
that the source has twice, is no loss; the check sees to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import dropwhile
from operator import not_
from typing import Literal

from extractors.paging import Page, changed

End = Literal["start", "end"]


def settled(walk: Callable[[], Iterator[Page]], new_at: End | None) -> Iterator[Page]:
    """Yield the pages of a walk, and raise FetchError (temporary) after the last when it missed a record.

    `new_at` is the end at which the source adds records that a later fetch brings by its cursor: those are not missed.
    """
    came: set[int] = set()
    pages = 0
    for page in walk():
        pages += 1
        came.update(map(hash, page.keys))
        yield page
    # one page is one moment
    if pages > 1 and (missing := _missing(came, walk(), new_at)):
        raise changed(f"{missing} of its records were on none of the pages")


def _missing(came: set[int], pages: Iterator[Page], new_at: End | None) -> int:
    """Return how many records of a second walk did not come in the first."""
    known: list[bool] = []
    for page in pages:
        page.body.close()
        known += [hash(key) in came for key in page.keys]
    if new_at is not None:
        known = list(dropwhile(not_, known if new_at == "start" else reversed(known)))
    return known.count(False)
