"""Reads XML lists (Open311) and syndication feeds (RSS, Atom).

XML from outside is read without entities and outside references, which could read files or fill the memory.
"""

from __future__ import annotations

import json
from calendar import timegm
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from time import struct_time
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import feedparser
import polars as pl
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from contracts.pages.page import Page, Sheaf, UnreadablePage, text_frame

ENTRY = ["id", "title", "link", "published", "updated", "summary", "author", "language", "category"]
"""The fields of an entry of a syndication feed, whatever its dialect."""


def read_xml(pages: list[Page], layout: Any, wanted: set[str]) -> Iterator[Sheaf]:
    """Read pages that hold one element a record, named by `layout.records`, or else all elements of the root.

    A field that holds elements itself becomes JSON text.
    """
    for page in pages:
        try:
            root = fromstring(page.path.read_bytes())
        except (ParseError, DefusedXmlException) as error:
            raise UnreadablePage(page.name, f"not XML that can be trusted ({type(error).__name__})") from None
        records = root.iterfind(f".//{{*}}{layout.records}") if layout.records else iter(root)
        yield _sheaf(page, [{_tag(child): _value(child) for child in record} for record in records], wanted)


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _value(element: Element) -> str | None:
    return json.dumps(_tree(element), ensure_ascii=False) if len(element) else element.text


def _tree(element: Element) -> Any:
    return {_tag(child): _tree(child) for child in element} if len(element) else element.text


def read_syndication(pages: list[Page], layout: Any, wanted: set[str]) -> Iterator[Sheaf]:
    """Read RSS and Atom feeds; instants come out in ISO 8601 whatever the dialect writes."""
    for page in pages:
        try:
            yield _entries(page, wanted)
        except UnicodeEncodeError:
            # written as a reference, like &#xD800;, and met when its text is put together
            raise UnreadablePage(page.name, "half a character (a lone surrogate) is no text") from None


def _entries(page: Page, wanted: set[str]) -> Sheaf:
    feed = feedparser.parse(BytesIO(page.path.read_bytes()))
    if feed.bozo and not feed.entries:
        raise UnreadablePage(page.name, "not a syndication feed")
    language = feed.feed.get("language")
    return _sheaf(page, [_entry(entry, language) for entry in feed.entries], wanted)


def _entry(entry: Any, language: str | None) -> dict[str, str | None]:
    told = {name: entry.get(name) for name in ENTRY}
    return {
        **told,
        "published": _instant(entry, "published"),
        "updated": _instant(entry, "updated"),
        "language": told["language"] or language,
    }


def _instant(entry: Any, name: str) -> str | None:
    """Return an instant of an entry in ISO 8601, or as it was sent where it cannot be read: that is to be a finding."""
    # asked for `updated`, feedparser answers with `published` where there is none; only `in` tells
    if name not in entry:
        return None
    parsed: struct_time | None = entry.get(f"{name}_parsed")
    return datetime.fromtimestamp(timegm(parsed), UTC).isoformat() if parsed else entry[name]


def _sheaf(page: Page, records: list[dict[str, str | None]], wanted: set[str]) -> Sheaf:
    names = sorted({name for record in records for name in record})
    texts = {name: [record.get(name) for record in records] for name in names if name in wanted}
    broken = pl.repeat(False, len(records), eager=True)
    return Sheaf(text_frame(texts), broken, names, [(page.name, len(records))])
