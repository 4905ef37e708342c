"""A kept delivery handed in once more: the same pages under a new name, to be judged by other terms."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from cities import Feed
from extractors.delivery import Receipt, Waiver, delivery_place
from extractors.draft import Draft
from extractors.errors import FetchError
from extractors.files import layout_today


def keep_again(
    original: Path, feed: Feed, delivery_id: str, recs: list[int] | None, waived: list[Waiver]
) -> Path:
    """Keep a delivery's pages under another id and return its folder; the bytes are shared, nothing is copied.

    `recs` are the records to be judged, counted from 0 in the original, or None for all of it as a delivery, which is
    then read as today's city file says. What an interrupted replay left under the id is taken where it asks for the
    same, and made anew where it does not.
    """
    before, is_whole = Receipt.read(original), recs is None
    receipt = before.model_copy(update={
        "delivery_id": delivery_id, "replays": before.delivery_id, "recs": recs, "waived": waived,
        "layout": layout_today(feed, before.layout) if is_whole else before.layout,
        "moves_cursor": False, "complete_snapshot": before.complete_snapshot and is_whole,
        "http_calls": 0, "retries": 0, "validator": None,
    })  # fmt: skip
    place = delivery_place(before.feed, delivery_id)
    if place.exists():
        kept = Receipt.read(place)
        if (kept.recs, [one.rule for one in kept.waived]) == (recs, [one.rule for one in waived]):
            return place
        shutil.rmtree(place)
    try:
        with Draft(place) as draft:
            for page in before.pages:
                os.link(original / "pages" / page.name, draft.folder / "pages" / page.name)
            return draft.publish(receipt)
    except OSError as error:
        raise FetchError(
            f"{before.feed}: {delivery_id} could not be kept ({error.strerror} at {error.filename or place}); "
            "mend that, then replay again", temporary=True,
        ) from None  # fmt: skip
