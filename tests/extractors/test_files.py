from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import openpyxl
import pytest

from extractors import Delivery, FetchError
from tests.extractors.little_server import LittleServer, Reply

Fetched = Callable[..., Delivery]


def workbook() -> bytes:
    book, body = openpyxl.Workbook(), BytesIO()
    book.save(body)
    return body.getvalue()


FILES = {
    "csv": b'\xef\xbb\xbfPlan 2026\ncode,value\nM1,"1,234"\n',
    "json": b'{"result": {"records": [{"a": 1}, {"a": 2}]}}',
    "geojson": b'{"type": "FeatureCollection", "features": [{"type": "Feature"}]}',
    "workbook": workbook(),
    "syndication": b"<?xml version='1.0'?><rss version='2.0'><channel/></rss>",
}
RECORDS = {"json": 2, "geojson": 1}


@pytest.mark.parametrize("system", FILES)
def test_a_file_is_kept_whole_and_says_how_to_read_it(server: LittleServer, fetched: Fetched, system: str) -> None:
    server.answer = lambda call: Reply(FILES[system])
    delivery = fetched(
        system=system, url=f"{server.url}/file", header_row=2, encoding="cp1252", records="result.records"
    )
    assert [page.read_bytes() for page in delivery.pages] == [FILES[system]]
    layout = delivery.receipt.layout
    assert (layout.format, layout.header_row, layout.encoding) == (system, 2, "cp1252")
    assert delivery.receipt.records == RECORDS.get(system)
    assert delivery.receipt.complete_snapshot


@pytest.mark.parametrize("system", FILES)
def test_a_web_page_is_no_file(server: LittleServer, fetched: Fetched, system: str) -> None:
    server.answer = lambda call: Reply(b"\n <html><head><title>Log in</title></head></html>")
    with pytest.raises(FetchError, match="a web page came") as failure:
        fetched(system=system, url=server.url, records="result.records")
    assert failure.value.temporary


@pytest.mark.parametrize("system", FILES)
def test_an_empty_file_did_not_come(server: LittleServer, fetched: Fetched, system: str) -> None:
    server.answer = lambda call: Reply(b"")
    with pytest.raises(FetchError, match="empty|no workbook"):
        fetched(system=system, url=server.url)


@pytest.mark.parametrize("system", ["json", "geojson", "workbook"])
def test_a_file_that_was_cut_off_at_the_source_is_noticed(server: LittleServer, fetched: Fetched, system: str) -> None:
    server.answer = lambda call: Reply(FILES[system][:-20])
    with pytest.raises(FetchError, match="not JSON from beginning to end|only a part of one"):
        fetched(system=system, url=server.url)


def test_the_wrong_place_of_the_records_is_told(server: LittleServer, fetched: Fetched) -> None:
    server.answer = lambda call: Reply(FILES["json"])
    with pytest.raises(FetchError, match="no list of records at 'data'"):
        fetched(system="json", url=server.url, records="data")
