"""Opens kept pages for reading: what they are packed in is unpacked into a private folder beside them for that long."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from contracts.pages.page import Page, UnreadablePage
from extractors.draft import draft_beside
from extractors.unpacking import UnpackError, is_packed, unpacked


@contextmanager
def opened(delivery: Path, kept: list[Any], layout: Any) -> Iterator[list[Page]]:
    """Give the files that lie in some kept pages, in their order; of a page that is not packed that is the page itself.

    Raises UnreadablePage for a page that cannot be unpacked.
    """
    # a process that is killed here leaves a draft, which the next check of the delivery removes
    place = draft_beside(delivery / "unpacked")
    try:
        yield [page for one in kept for page in _files(one, delivery / "pages" / one.name, layout, place)]
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _files(kept: Any, path: Path, layout: Any, place: Path) -> Iterator[Page]:
    encoding = layout.encoding or kept.encoding or "utf-8"
    with path.open("rb") as body:
        if not is_packed(body, layout):
            yield Page(kept.name, path, encoding, kept.file)
            return
        try:
            for number, (name, chunks) in enumerate(unpacked(body, layout)):
                place.mkdir(mode=0o700, exist_ok=True)
                file = place / f"{path.stem}-{number}"
                with file.open("wb") as plain:
                    plain.writelines(chunks)
                yield Page(kept.name, file, encoding, name or kept.file)
        except UnpackError as error:
            raise UnreadablePage(kept.name, str(error)) from None
