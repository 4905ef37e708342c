"""Reads XML lists (Open311) and syndication feeds (RSS, Atom).

XML from outside is read without entities and outside references, which could read files or fill the memory.
"""

from __future__ import annotations

import codecs
import json
import re
from calendar import timegm
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from itertools import islice
from time import struct_time
from typing import IO, Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

import feedparser
import polars as pl
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import XMLParser, iterparse

from contracts.pages.page import Page, Sheaf, UnreadablePage, broken_by_nul, text_frame

SLICE = 10_000
"""Records of an XML page that are held at a time."""

LONGEST_DECLARATION = 200
DECLARED = re.compile(rb"""\s*<\?xml[^>]*?encoding=["']([A-Za-z0-9._-]+)["']""")
READ_BY_EXPAT = {"utf-8", "utf-16", "iso8859-1", "ascii"}

FEED = re.compile(r"<((?:[\w.-]+:)?(?:rss|rdf|feed|channel))[\s>]", re.IGNORECASE)
ENTRY_START = re.compile(r"<(?:item|entry)[\s/>]", re.IGNORECASE)
NO_MARKUP = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL)
"""Text in which tags mean nothing, to its end or, where that is missing, to the end of all."""

ENTRY = ["id", "title", "link", "published", "updated", "summary", "author", "language", "category"]
"""The fields of an entry of a syndication feed, whatever its dialect."""


def read_xml(pages: list[Page], layout: Any, wanted: set[str]) -> Iterator[Sheaf]:
    """Read pages slice by slice that hold one element a record, named by `layout.records`, or else all of the root.

    A field that holds elements itself, or comes more than once, becomes JSON text. The attributes of a record are its
    fields `@name`, those of its field `a` are `a@name`.
    """
    for page in pages:
        with page.path.open("rb") as file:
            try:
                yield from _slices(page, _elements(file, layout.records), wanted)
            except RecursionError:
                raise UnreadablePage(page.name, "its elements are nested too deep") from None
            except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
                raise UnreadablePage(page.name, f"not XML that can be trusted ({type(error).__name__})") from None


def _slices(page: Page, elements: Iterator[Element], wanted: set[str]) -> Iterator[Sheaf]:
    records = ({name: _text(value) for name, value in _fields(element).items()} for element in elements)
    held = list(islice(records, SLICE))
    while True:
        yield _sheaf(page, held, wanted)
        held = list(islice(records, SLICE))
        if not held:
            return


def _elements(file: IO[bytes], name: str) -> Iterator[Element]:
    """Yield the elements that are records, each of them whole; what was yielded is forgotten, and what lies between."""
    around: list[Element] = []
    record: Element | None = None
    for event, element in _events(file):
        if event == "start":
            if record is None and around and (_tag(element) == name if name else len(around) == 1):
                record = element
            around.append(element)
            continue
        around.pop()
        if element is record:
            yield element
            record = None
        if record is None and around:
            around[-1].remove(element)


def _events(file: IO[bytes]) -> Iterator[tuple[str, Element]]:
    declared = DECLARED.match(file.read(LONGEST_DECLARATION))
    file.seek(0)
    if declared is None or codecs.lookup(encoding := declared[1].decode()).name in READ_BY_EXPAT:
        return iterparse(file, ("start", "end"))
    # there are encodings of bytes too, like hex, which write no text
    " ".encode(encoding)
    # expat reads no encoding that writes a character in several bytes, but UTF-8 and UTF-16
    recoded = codecs.EncodedFile(file, "utf-8", encoding)
    return iterparse(recoded, ("start", "end"), XMLParser(target=TreeBuilder(), encoding="utf-8"))


def _tag(element: Element) -> str:
    return _local(str(element.tag))


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _fields(element: Element) -> dict[str, Any]:
    held: dict[str, list[Any]] = defaultdict(list)
    for name, value in element.attrib.items():
        held[f"@{_local(name)}"].append(value)
    for child in element:
        held[_tag(child)].append(_fields(child) if len(child) else child.text)
        for name, value in () if len(child) else child.attrib.items():
            held[f"{_tag(child)}@{_local(name)}"].append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in held.items()}


def read_syndication(pages: list[Page], layout: Any, wanted: set[str]) -> Iterator[Sheaf]:
    """Read RSS and Atom feeds; instants come out in ISO 8601 whatever the dialect writes."""
    for page in pages:
        try:
            yield _entries(page, wanted)
        except UnicodeEncodeError:
            # written as a reference, like &#xD800;, and met when its text is put together
            raise UnreadablePage(page.name, "half a character (a lone surrogate) is no text") from None
        except UnicodeError:
            raise UnreadablePage(page.name, "not written in the encoding that it names") from None


def _entries(page: Page, wanted: set[str]) -> Sheaf:
    body = page.path.read_bytes()
    feed = feedparser.parse(BytesIO(body))
    if feed.bozo:
        _refuse_lost(page, body.decode(feed.encoding or "utf-8", "replace"), len(feed.entries))
    language = feed.feed.get("language")
    return _sheaf(page, [_entry(entry, language) for entry in feed.entries], wanted)


def _refuse_lost(page: Page, text: str, entries: int) -> None:
    """Raise UnreadablePage for a damaged feed of which some was lost.

    The library makes of one what it can; entries that it did not find are not withdrawn.
    """
    text = NO_MARKUP.sub("", text)
    root = FEED.search(text)
    if not entries or root is None:
        raise UnreadablePage(page.name, "not a syndication feed")
    if not re.search(rf"</{re.escape(root[1])}\s*>", text, re.IGNORECASE):
        raise UnreadablePage(page.name, f"the feed was cut off: </{root[1]}> is missing")
    if len(ENTRY_START.findall(text)) > entries:
        raise UnreadablePage(page.name, "not well-formed, and some of the feed's entries run into each other")


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
    table = text_frame(texts)
    broken = broken_by_nul(table, pl.repeat(False, len(records), eager=True))
    return Sheaf(table, broken, names, [(page.name, len(records))])
