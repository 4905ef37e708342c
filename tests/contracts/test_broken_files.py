"""Whatever happens to the bytes of a file, it is read, or refused in words; nothing else is raised."""

from __future__ import annotations

import contextlib
import gzip
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.pages import UnreadablePage
from contracts.pages.batches import READERS
from contracts.pages.opening import opened
from extractors import FetchError
from extractors.delivery import KeptPage
from extractors.files import as_page
from extractors.session import Answer
from extractors.source import Layout
from tests.contracts.test_tables import BODIES, COLUMNS, MAPPED, packed

RSS = b"<rss version='2.0'><channel><item><guid>1</guid><title>Lamps &amp; lights</title></item></channel></rss>"
FILES = {
    **{format: (body, Layout(format=format)) for format, body in BODIES.items()},
    "auto": (BODIES["workbook"], Layout(format="workbook", header_row="auto", header_rows=2, sheet="*")),
    "fixed_width": (b"001 lamp\n002 sign\n", Layout(format="fixed_width", columns=COLUMNS, header_row=0)),
    "host": (
        "001 路灯\n".encode("gb18030"),
        Layout(format="fixed_width", columns=COLUMNS, header_row=0, encoding="gb18030", counted_in="bytes"),
    ),
    "utf-16": (BODIES["csv"].decode().encode("utf-16"), Layout(format="csv", header_row="auto")),
    "gzip": (gzip.compress(BODIES["csv"], mtime=0), Layout(format="csv", limit_mb=1)),
    "zip": (packed(("a.csv", BODIES["csv"])), Layout(format="csv", member="*.csv", limit_mb=1)),
    "recoded": ('<?xml version="1.0" encoding="gbk"?><r><x><id>路灯</id></x></r>'.encode("gbk"), Layout(format="xml")),
    "syndication": (RSS, Layout(format="syndication")),
}


@st.composite
def damaged(draw: st.DrawFn, body: bytes) -> bytes:
    """Cut a file, change some of its bytes, or put others between."""
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(body)))
        more = draw(st.sampled_from([b"", b"\0", b'"', b"\xff", b"<", b"&#0;", b"\n\n", b",,,", b"\x80\x81", b"\r"]))
        gone = draw(st.sampled_from([0, 1, 1, 2, 50, len(body)]))
        body = body[:at] + more + body[at + gone :]
    return body


def taken(body: bytes, layout: Layout) -> None:
    """Take a file through what a fetch and a check do with its bytes."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "pages").mkdir()
        (place / "pages" / "page").write_bytes(body)
        encoding = None
        with contextlib.suppress(FetchError):
            encoding = as_page(Answer(io.BytesIO(body), "shown"), layout, ["gb18030", "cp1252"]).encoding
        kept = KeptPage(name="page", bytes=1, records=None, sha256="", encoding=encoding and encoding.name)
        with contextlib.suppress(UnreadablePage), opened(place, [kept], layout) as pages:
            for sheaf in READERS[layout.format](pages, layout, {*MAPPED.values(), "id", "name"}):
                assert len(sheaf.broken) == sum(count for _, count in sheaf.counts)
                assert sheaf.broken.null_count() == 0
        assert [path.name for path in place.iterdir()] == ["pages"]


@pytest.mark.parametrize("format", FILES)
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_in_words(format: str, data: st.DataObject) -> None:
    body, layout = FILES[format]
    taken(data.draw(damaged(body)), layout)


@pytest.mark.parametrize("format", FILES)
def test_a_file_cut_off_anywhere_is_read_or_refused_in_words(format: str) -> None:
    body, layout = FILES[format]
    for cut in range(0, len(body), max(1, len(body) // 60)):
        taken(body[:cut], layout)
