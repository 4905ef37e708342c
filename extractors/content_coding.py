"""Unpacks an answer's body, bounded by a chunk: a compressed answer that was cut off is noticed, a bomb fills nothing.

The HTTP library itself takes a gzip stream without its end for a whole one.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator

from urllib3 import BaseHTTPResponse

from extractors.errors import FetchError

CHUNK = 2**16
ACCEPTED = "gzip"
"""What is asked for as Accept-Encoding."""


def unpacked(raw: BaseHTTPResponse, shown: str) -> Iterator[bytes]:
    """Yield the bytes of a body as they were before compression (RFC 9110, 8.4.1).

    Raises FetchError (temporary) when it is not compressed as it says, or not to its end.
    """
    coding = raw.headers.get("Content-Encoding", "").strip().lower()
    read = {"": _plain, "identity": _plain, "gzip": _gunzipped, "x-gzip": _gunzipped, "deflate": _inflated}.get(coding)
    if read is None:
        # the header itself may have been cut off
        told = f"{shown}: the answer comes as {coding!r}, which was not asked for; if this stays, ask the department"
        raise FetchError(told, temporary=True)
    try:
        yield from read(raw)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise FetchError(
            f"{shown}: the answer is not compressed as it says, or broke off before its end", temporary=True
        ) from None


def _plain(raw: BaseHTTPResponse) -> Iterator[bytes]:
    return raw.stream(CHUNK, decode_content=False)


def _gunzipped(raw: BaseHTTPResponse) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=raw) as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _inflated(raw: BaseHTTPResponse) -> Iterator[bytes]:
    """Unpack `deflate`, which servers send with the header of zlib (RFC 1950) or without (RFC 1951)."""
    unpack = None
    for chunk in _plain(raw):
        unpack = unpack or zlib.decompressobj(zlib.MAX_WBITS if _is_zlib(chunk) else -zlib.MAX_WBITS)
        while chunk and not unpack.eof:
            yield unpack.decompress(chunk, CHUNK)
            chunk = unpack.unconsumed_tail
    while unpack and not unpack.eof and (rest := unpack.decompress(b"", CHUNK)):
        yield rest
    if unpack is None or not unpack.eof:
        raise EOFError


def _is_zlib(start: bytes) -> bool:
    return start[0] & 0x0F == zlib.DEFLATED and int.from_bytes(start[:2], "big") % 31 == 0
