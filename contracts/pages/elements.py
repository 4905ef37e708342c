"""Takes a JSON document apart into the elements of its list, each as it is written, so that one can be read alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

# a number may have more digits than Python reads
DECODER = json.JSONDecoder(parse_int=str, parse_float=str)
BLANK = re.compile(r"[ \t\n\r]*")


class NoList(Exception):
    """There is no list where it should be."""


def elements_of(text: str, path: str) -> list[str]:
    """Return the text of each element of the list at a dotted path; empty, it is the document itself.

    Raises ValueError when the document is not JSON, RecursionError when it is nested too deep, and NoList.
    """
    DECODER.decode(text)
    at = _past_blanks(text, 0)
    for step in path.split(".") if path else []:
        spans = _spans(text, at) if text[at] == "{" else ()
        at = next((start for name, start, _ in spans if name == step), -1)
        if at < 0:
            raise NoList
    if text[at] != "[":
        raise NoList
    return [text[start:end] for _, start, end in _spans(text, at)]


def _spans(text: str, at: int) -> Iterator[tuple[str, int, int]]:
    """Yield the name, blank in a list, the start and the end of each value in the object or list that begins there."""
    is_object, at, name = text[at] == "{", _past_blanks(text, at + 1), ""
    while text[at] not in "]}":
        if is_object:
            name, at = DECODER.raw_decode(text, at)
            at = _past_blanks(text, _past_blanks(text, at) + len(":"))
        _, end = DECODER.raw_decode(text, at)
        yield name, at, end
        at = _past_blanks(text, end)
        at = _past_blanks(text, at + len(",")) if text[at] == "," else at


def _past_blanks(text: str, at: int) -> int:
    blanks = BLANK.match(text, at)
    assert blanks is not None
    return blanks.end()
