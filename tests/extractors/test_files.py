from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

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


@pytest.mark.parametrize(("encoding", "place"), [("utf-16", "0"), ("cp1252", "8")])
def test_json_in_another_encoding_than_its_own_is_told(
    server: LittleServer, fetched: Fetched, encoding: str, place: str
) -> None:
    server.answer = lambda call: Reply('[{"a": "é"}]'.encode(encoding))
    with pytest.raises(FetchError, match=f"byte {place} is not UTF-8"):
        fetched(system="json", url=server.url)
    server.answer = lambda call: Reply('[{"a": "é"}]'.encode("utf-8-sig"))
    assert fetched(system="json", url=server.url).receipt.records == 1


def test_the_wrong_place_of_the_records_is_told(server: LittleServer, fetched: Fetched) -> None:
    server.answer = lambda call: Reply(FILES["json"])
    with pytest.raises(FetchError, match="no list of records at 'data'"):
        fetched(system="json", url=server.url, records="data")


def zipped(**members: bytes) -> bytes:
    body = BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.csv", content)
    return body.getvalue()


def test_a_zip_is_kept_as_it_came_and_its_receipt_names_the_member(server: LittleServer, fetched: Fetched) -> None:
    body = zipped(stops=b"stop_id\n1\n", trips=b"trip_id\n1\n")
    server.answer = lambda call: Reply(body)
    delivery = fetched(system="csv", url=server.url, member="stops.csv")
    assert [(page.name, page.read_bytes()) for page in delivery.pages] == [("00000.zip", body)]
    assert delivery.receipt.layout.member == "stops.csv"
    assert delivery.receipt.pages[0].encoding == "utf-8"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (zipped(a=b"<html>Log in</html>"), "a web page came"),
        (zipped(a=b""), "an empty file came"),
        (zipped(a=b"id\n1\n")[:-30], "no zip, or only a part of one"),
        (b"id\n1\n", "no zip, or only a part of one"),
    ],
    ids=["web-page", "empty", "cut-off", "no-zip"],
)
def test_a_broken_zip_can_be_asked_for_again(server: LittleServer, fetched: Fetched, body: bytes, told: str) -> None:
    server.answer = lambda call: Reply(body)
    with pytest.raises(FetchError, match=told) as failure:
        fetched(system="csv", url=server.url, member="*.csv")
    assert failure.value.temporary


def test_a_zip_of_which_no_member_is_named_is_told(server: LittleServer, fetched: Fetched) -> None:
    server.answer = lambda call: Reply(zipped(a=b"id\n1\n"))
    with pytest.raises(FetchError, match="a zip came; name the file in it as the feed's `member`"):
        fetched(system="csv", url=server.url)
    with pytest.raises(FetchError, match=r"no member 'b.csv'; it has a.csv; correct the feed's `member`"):
        fetched(system="csv", url=server.url, member="b.csv")


def test_a_bomb_is_refused_and_nothing_is_kept(server: LittleServer, fetched: Fetched, lake_home: Path) -> None:
    for body, member in ((zipped(a=b"1" * 2**22), "a.csv"), (gzip.compress(b"1" * 2**22), None)):
        server.answer = lambda call, body=body: Reply(body)  # type: ignore[misc]
        with pytest.raises(FetchError, match="unpacked, the file is over the limit of 1 MB"):
            fetched(system="csv", url=server.url, member=member, limit_mb=1)
    assert list((lake_home / "deliveries" / "office__feed").iterdir()) == []


@pytest.mark.parametrize("system", ["csv", "json", "ndjson", "xml", "workbook", "geojson", "syndication"])
def test_a_gzip_of_any_format_is_kept_as_it_came(server: LittleServer, fetched: Fetched, system: str) -> None:
    body = gzip.compress(FILES.get(system, b'<a><b id="1"/></a>' if system == "xml" else b'{"id": 1}\n'))
    server.answer = lambda call: Reply(body)
    assert fetched(system=system, url=server.url).pages[0].read_bytes() == body
    server.answer = lambda call: Reply(body[:-10])
    with pytest.raises(FetchError, match="damaged or was cut off") as failure:
        fetched(system=system, url=server.url, delivery_id="20261026T114000Z")
    assert failure.value.temporary


def test_a_web_page_that_calls_itself_xml_is_no_file(server: LittleServer, fetched: Fetched) -> None:
    body = b"<?xml version='1.0' encoding='UTF-8'?>\n<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0'>\n<html/>"
    server.answer = lambda call: Reply(body)
    with pytest.raises(FetchError, match="a web page came"):
        fetched(system="xml", url=server.url)


def test_the_receipt_says_how_the_text_is_written_and_whether_that_is_a_guess(
    server: LittleServer, fetched: Fetched
) -> None:
    told = []
    for number, encoding in enumerate(("utf-8", "utf-8-sig", "utf-16", "cp1252")):
        server.answer = lambda call, encoding=encoding: Reply("id,name\n1,café\n".encode(encoding))  # type: ignore[misc]
        page = fetched(system="csv", url=server.url, delivery_id=f"20261026T11400{number}Z").receipt.pages[0]
        told.append((page.encoding, page.is_guess))
    assert told == [("utf-8", False), ("utf-8", False), ("utf-16", False), ("cp1252", True)]


def test_an_encoding_that_cannot_be_found_out_is_no_matter_of_asking_again(
    server: LittleServer, fetched: Fetched
) -> None:
    server.answer = lambda call: Reply(b"id,name\n1,caf\x81\n")
    with pytest.raises(FetchError, match="none of the usual ways .utf-8, cp1252.; name its `encoding`") as failure:
        fetched(system="csv", url=server.url)
    assert not failure.value.temporary
    assert fetched(system="csv", url=server.url, encoding="cp850").receipt.pages[0].encoding is None
