"""Opens an answer just far enough to count, compare and page on; what its records hold is for the check to read."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from typing import Any, NoReturn
from xml.etree.ElementTree import Element, ParseError

import msgspec
from defusedxml import DefusedXmlException, ElementTree

from extractors.errors import FetchError
from extractors.session import Answer, led

Record = dict[str, Any]
ENDS = 4096
"""Bytes at either end of a page by which it is known again."""


def read_json(answer: Answer) -> Any:
    """Return the document of a JSON answer, rewound for keeping.

    Raises FetchError (temporary: a login or maintenance page, a body cut short) when it is not JSON of RFC 8259, which
    is written in UTF-8 alone.
    """
    body = answer.body.read()
    answer.body.seek(0)
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        told = _not(body, "JSON")
        if isinstance(error, UnicodeDecodeError) and not looks_like_html(body):
            told = f"byte {error.start:,} is not UTF-8, in which JSON must be written"
        raise FetchError(f"{answer.shown}: {told}", temporary=True) from None


def count_list(answer: Answer, cursor: str | None) -> tuple[int, str, tuple[str, ...]]:
    """Return of a JSON answer that is a list of objects their number, fingerprint and cursor values, rewound.

    Ten times faster than reading the records, which is left for what this way does not understand. Raises FetchError
    like `read_json` and `records_in`.
    """
    body = answer.body.read()
    answer.body.seek(0)
    try:
        # what it passes over it does not decode
        body.isascii() or body.decode()
        records = _marks(cursor).decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        read = records_in(read_json(answer), "", answer.shown)
        return len(read), fingerprint(read), cursors_in(read, cursor)
    ends = (len(records), body[:ENDS], body[-ENDS:])
    given = [record.cursor for record in records if record.cursor is not None] if cursor else []
    return len(records), hashlib.sha256(repr(ends).encode()).hexdigest(), tuple(map(str, given))


@cache
def _marks(cursor: str | None) -> msgspec.json.Decoder[Any]:
    """Return what reads of each record its cursor alone."""
    fields = [("cursor", Any, None)] if cursor else []
    return msgspec.json.Decoder(list[msgspec.defstruct("Marked", fields, rename={"cursor": cursor or ""})])  # type: ignore[misc]


def read_xml(answer: Answer) -> Element:
    """Return the root of an XML answer, rewound for keeping; entities and external references are refused.

    Raises FetchError (temporary) when it is not XML.
    """
    body = answer.body.read()
    answer.body.seek(0)
    try:
        return ElementTree.fromstring(body)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise FetchError(f"{answer.shown}: {_not(body, 'XML')}", temporary=True) from None


def records_in(document: Any, path: str, shown: str) -> list[Record]:
    """Return the list of records at a dotted path (`result.records`; "" is the document itself).

    Raises FetchError when there is no list of objects: the source does not answer in the layout it promised.
    """
    found = document
    for step in path.split(".") if path else []:
        found = found.get(step) if isinstance(found, dict) else None
    if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
        raise FetchError(f"{shown}: no list of records at {path or 'the top'!r}; the source's layout has changed")
    return found


def link_in(document: Any, name: str, base: str) -> str | None:
    """Return the address that a document names as that of the next page, None where it names none.

    Raises FetchError when what it names is no address.
    """
    link = document.get(name) if isinstance(document, dict) else None
    return led(base, link, name) if link else None


def cursors_in(records: list[Record], field: str | None) -> tuple[str, ...]:
    """Return the cursor values that the records hold, as the sender wrote them."""
    if field is None:
        return ()
    return tuple(str(record[field]) for record in records if record.get(field) is not None)


def fingerprint(records: list[Any]) -> str:
    """Return what two pages share only when they hold the same records: their number and those at both ends."""
    return hashlib.sha256(repr((len(records), records[:1], records[-1:])).encode()).hexdigest()


def looks_like_html(start: bytes) -> bool:
    """Return whether bytes begin as a web page does, which no record source sends on purpose."""
    text = re.sub(rb"^<\?xml[^>]*>\s*", b"", start.lstrip(b"\xef\xbb\xbf \t\r\n"))
    return text[:14].lower().startswith((b"<!doctype html", b"<html"))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _not(body: bytes, what: str) -> str:
    if looks_like_html(body):
        return f"a web page came with status 200 instead of {what}; the source may be down, or ask for a login"
    return f"{len(body):,} bytes came that are not {what} from beginning to end" if body else "an empty answer came"
