"""How to mend the common problems, for those who send the data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reports.pages.page import Page
from reports.words import TEXTS

ABSENT = ("missing", "stopped")


def fixes(
    page: Page, feeds: Iterable[Mapping[str, Any]], set_aside: Iterable[Mapping[str, Any]]
) -> list[tuple[str, str]]:
    """Return each problem of some feeds once, in words, and how to mend it."""
    return list(dict(_found(page, list(feeds), set_aside)).items())


def _found(
    page: Page, feeds: list[Mapping[str, Any]], set_aside: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[str, str]]:
    arrivals = {feed["arrival"] for feed in feeds}
    if arrivals & set(ABSENT):
        yield page.words("fix.missing_problem"), page.words("fix.missing")
    if "late" in arrivals:
        yield page.words("fix.late_problem"), page.words("fix.late")
    if any(feed["layout_change"] for feed in feeds):
        yield page.words("fix.layout_problem"), page.words("fix.layout")
    for reason in set_aside:
        yield page.told(reason["reason"]), page.words(f"fix.{_fix(reason)}")


def _fix(reason: Mapping[str, Any]) -> str:
    """Return the text of a rule, or of what it measures where the rule belongs to one kind of record."""
    return reason["reason_id"] if reason["reason_id"] in TEXTS["fix"] else f"of_{reason['dimension']}"
