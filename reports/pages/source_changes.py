"""Says what changed in a source: the layout of what it sends, and how much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from reports.changes import BIG_CHANGE_PCT
from reports.pages.page import Page

MOST_NAMES = 5


def source_change(page: Page, feed: Mapping[str, Any]) -> tuple[str, list[str], str] | None:
    """Return what changed in a feed: its name, the changes around the senders' own names, and a remark."""
    change = feed["layout_change"]
    said: list[str] = list(layout_lines(page, change)) if change else []
    remark = page.words("source.stopped") if change and change["is_refused"] else ""
    percent = feed["volume_vs_usual_pct"] or 0
    if abs(percent) >= BIG_CHANGE_PCT:
        said.append(page.words("source.more" if percent > 0 else "source.fewer", share=abs(percent)))
    return (page.told(feed["name"]), said, remark) if said else None


def layout_lines(page: Page, change: Mapping[str, Any]) -> Iterator[Markup]:
    """Yield a line for each way in which a layout changed."""
    for old, new in change["renamed"]:
        yield _with_code(page, "source.renamed", old=[old], new=[new])
    for kind in ("added", "removed", "retyped"):
        if change[kind]:
            yield _with_code(page, f"source.{kind}", names=change[kind][:MOST_NAMES])
    for touched in change["touches"][:MOST_NAMES]:
        if touched["was"] and touched["now"]:
            yield _with_code(page, "source.rewritten", was=[touched["was"]], now=[touched["now"]])


def _with_code(page: Page, key: str, **names: Sequence[str]) -> Markup:
    """Return a text around senders' own names, which are escaped and look like code."""
    text = Markup.escape(page.words(key, **{gap: f"{{{gap}}}" for gap in names}))
    code = Markup("<code>{}</code>")
    return text.format(**{gap: Markup(", ").join(map(code.format, told)) for gap, told in names.items()})
