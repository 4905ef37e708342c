"""How the text of a file is written, where the city file does not say.

Only what is certain is taken for certain: a byte order mark, plain ASCII, and UTF-8, whose rules no other text of some
length obeys by chance. Everything else is a guess among the encodings that the city's time zone makes plausible, and
is told as one. A guess that cannot be made well is refused.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from charset_normalizer import from_bytes

Chunks = Callable[[], Iterable[bytes]]
"""Gives the bytes of a text from the beginning, as often as it is called."""

SAMPLE = 2**16
MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
WIDE = re.compile(rb"[\xe0-\xf4]")
"""A byte that begins a UTF-8 character of three bytes or more."""

CONTROL = re.compile(r"[\x80-\x9f\ufffe\uffff]")
"""Characters that no text holds; a table read in a wrong encoding does."""

WESTERN = ["cp1252"]
PLAUSIBLE = {
    "Asia/Shanghai": ["gb18030"], "Asia/Urumqi": ["gb18030"], "Asia/Chongqing": ["gb18030"],
    "Asia/Hong_Kong": ["big5hkscs", "gb18030"], "Asia/Macau": ["big5hkscs", "gb18030"],
    "Asia/Singapore": ["gb18030", "cp1252"], "Asia/Taipei": ["cp950"],
    "Asia/Seoul": ["cp949"], "Asia/Pyongyang": ["cp949"], "Asia/Tokyo": ["cp932", "euc_jp"],
    "Asia/Jerusalem": ["cp1255"], "Asia/Bangkok": ["cp874"], "Asia/Ho_Chi_Minh": ["cp1258"],
    "Asia/Istanbul": ["cp1254"], "Europe/Istanbul": ["cp1254"], "Europe/Athens": ["cp1253"],
    "Europe/Warsaw": ["cp1250"], "Europe/Prague": ["cp1250"], "Europe/Budapest": ["cp1250"],
    "Europe/Bratislava": ["cp1250"], "Europe/Bucharest": ["cp1250"], "Europe/Zagreb": ["cp1250"],
    "Europe/Belgrade": ["cp1250", "cp1251"], "Europe/Ljubljana": ["cp1250"],
    "Europe/Riga": ["cp1257"], "Europe/Vilnius": ["cp1257"], "Europe/Tallinn": ["cp1257"],
    "Europe/Moscow": ["cp1251", "koi8_r"], "Europe/Kyiv": ["cp1251", "koi8_u"], "Europe/Kiev": ["cp1251", "koi8_u"],
    "Europe/Minsk": ["cp1251"], "Europe/Sofia": ["cp1251"], "Asia/Almaty": ["cp1251"],
}  # fmt: skip
"""What offices write besides UTF-8, by the city's time zone; in one that is not listed they write WESTERN."""


class UnknownEncoding(Exception):
    """How a text is written cannot be found out; the message says why and what to do."""


@dataclass(frozen=True)
class Encoding:
    """How a text is written, and whether that is a guess."""

    name: str
    is_guess: bool = False


def plausible(told: str | list[str] | None, zone: str) -> list[str]:
    """Return the encodings that a text may have besides UTF-8: those of the city file, or of the time zone."""
    return told if isinstance(told, list) else PLAUSIBLE.get(zone, WESTERN)


def find_encoding(chunks: Chunks, candidates: list[str]) -> Encoding:
    """Find out how a text is written.

    Raises UnknownEncoding where no candidate fits, or more than one and none better.
    """
    marked = next((name for mark, name in MARKS.items() if _begins_with(chunks(), mark)), None)
    if marked is not None:
        _refuse_broken(chunks, marked)
        return Encoding(marked)
    wrong, wide = _first_wrong(chunks(), "utf-8"), [name for name in candidates if _is_wide(name)]
    if wrong is None and (_is_surely_utf8(chunks) or not _fitting(chunks, wide)):
        return Encoding("utf-8")
    if wrong is not None:
        _refuse_damaged_utf8(chunks, wrong)
    return Encoding(_best(chunks, _fitting(chunks, candidates), candidates, is_also_utf8=wrong is None), is_guess=True)


def _begins_with(chunks: Iterable[bytes], mark: bytes) -> bool:
    start = b""
    for chunk in chunks:
        start += chunk
        if len(start) >= len(mark):
            break
    return start.startswith(mark)


def _refuse_broken(chunks: Chunks, name: str) -> None:
    wrong = _first_wrong(chunks(), name)
    if wrong is not None:
        raise UnknownEncoding(f"it begins with the mark of {name}, but byte {wrong:,} is not {name}; it is damaged")


def _is_surely_utf8(chunks: Chunks) -> bool:
    """Return whether valid UTF-8 cannot be anything else: it is ASCII, or has characters of three bytes or more."""
    is_ascii = True
    for chunk in chunks():
        is_ascii = is_ascii and chunk.isascii()
        if not is_ascii and WIDE.search(chunk):
            return True
    return is_ascii


def _refuse_damaged_utf8(chunks: Chunks, wrong: int) -> None:
    """UTF-8 with a damaged place would be read in another encoding, every accent wrong."""
    broken = whole = 0
    for text in codecs.iterdecode(chunks(), "utf-8", "replace"):
        replaced = text.count("\ufffd")
        broken += replaced
        whole += len(text) - len(text.encode("ascii", "ignore")) - replaced
    if whole > broken:
        raise UnknownEncoding(f"it is UTF-8, but damaged or cut off at byte {wrong:,}; it must be sent again")


def _fitting(chunks: Chunks, candidates: list[str]) -> list[str]:
    return [name for name in candidates if _first_wrong(chunks(), name) is None]


def _best(chunks: Chunks, fitting: list[str], candidates: list[str], *, is_also_utf8: bool) -> str:
    if is_also_utf8 or not fitting:
        tried = ", ".join(["utf-8", *fitting] if is_also_utf8 else ["utf-8", *candidates])
        what = "it can be read in more than one way" if is_also_utf8 else "it is written in none of the usual ways"
        raise UnknownEncoding(f"{what} ({tried}); name its `encoding` in the city file")
    if len(fitting) == 1:
        return fitting[0]
    found = from_bytes(_sample(chunks), cp_isolation=fitting, enable_fallback=False).best()
    if found is None:
        raise UnknownEncoding(f"it can be read as {', '.join(fitting)}; name its `encoding` in the city file")
    return next(name for name in fitting if codecs.lookup(name) == codecs.lookup(found.encoding))


def _sample(chunks: Chunks) -> bytes:
    """Return the first lines that hold more than ASCII, whole, so that no character is cut."""
    held, size = [], 0
    for line in _lines(chunks):
        if not line.isascii():
            held.append(line)
            size += len(line)
        if size > SAMPLE:
            break
    return b"".join(held)


def _lines(chunks: Chunks) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks():
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line + b"\n" for line in lines)
    yield rest


def _is_wide(name: str) -> bool:
    """Return whether an encoding writes some characters with more than one byte."""
    return len("\u4e2d".encode(name, "ignore")) > 1


def _first_wrong(chunks: Iterable[bytes], name: str) -> int | None:
    """Return the place of the first byte that a text in an encoding cannot have, None when it is one throughout."""
    decoder = codecs.getincrementaldecoder(name)()
    at = 0
    for chunk, is_last in _with_end(chunks):
        held = len(decoder.getstate()[0])
        try:
            text = decoder.decode(chunk, is_last)
        except UnicodeDecodeError as error:
            return at - held + error.start
        if not name.startswith("utf") and (control := CONTROL.search(text)):
            return at - held + len(text[: control.start()].encode(name))
        at += len(chunk)
    return None


def _with_end(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    yield from ((chunk, False) for chunk in chunks)
    yield b"", True
