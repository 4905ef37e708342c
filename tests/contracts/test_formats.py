from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from contracts.pages.markup import read_syndication
from contracts.pages.page import Page

SAMPLES = Path(__file__).parents[3] / "shared" / "data" / "protocol_samples"
MAPPED = {"request_id": "id", "requested_at": "at", "status": "st", "service_code": "code", "description": "text"}
RECORDS = [
    {"id": "007", "at": "2026-11-01T10:00:00", "st": "open", "code": "LIGHT", "text": 'out, "again"\nplease'},
    {"id": "008", "at": "2026-11-02T10:00:00", "st": "closed", "code": "路灯", "text": None},
]


def told(checked: Any) -> list[tuple[Any, ...]]:
    columns = ["request_id", "status", "service_code", "description"]
    return checked.accepted.select(columns).rows() if checked.verdict.accepted else []


GOOD = [("007", "open", "LIGHT", 'out, "again"\nplease'), ("008", "closed", "路灯", None)]


def in_csv(encoding: str = "utf-8", delimiter: str = ",", head: str = "") -> bytes:
    lines = [delimiter.join(["id", " at", "st", "code", "text"])]
    for record in RECORDS:
        lines.append(delimiter.join('"' + (value or "").replace('"', '""') + '"' for value in record.values()))
    return (head + "\r\n".join(lines) + "\r\n\r\n").encode(encoding)


BOM = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("body", "layout"),
    [
        (BOM + json.dumps(RECORDS).encode(), {"format": "json"}),
        (BOM + json.dumps({"result": RECORDS}).encode(), {"format": "json", "records": "result"}),
        (BOM + b"\n".join(json.dumps(record).encode() for record in RECORDS), {"format": "ndjson"}),
        (
            BOM + json.dumps({"features": [{"properties": one} for one in RECORDS]}).encode(),
            {"format": "geojson"},
        ),
    ],
    ids=["json", "wrapped", "ndjson", "geojson"],
)
def test_a_byte_order_mark_before_json_means_nothing(office: Any, body: bytes, layout: dict[str, Any]) -> None:
    assert told(office(fields=MAPPED).judge([body], **layout)) == GOOD


HALVES = [r'"a \ud800 b"', r'"\udc00"', r'"\ud800x"', r'"\ud800\ud800"', r'{"a": "\ud800"}', r'["\udfff"]']
"""JSON values that hold half a character: JSON lets one write it, no text can hold it."""


FEATURE = '{"properties": %s, "geometry": null}'
LISTS = {
    "json": ("[%s]", "%s", {"format": "json"}),
    "wrapped": (r'{"of": "\ud800", "in": {"rows": [ %s ]}}', "%s", {"format": "json", "records": "in.rows"}),
    "geojson": ('{"features": [%s]}', FEATURE, {"format": "geojson"}),
    "features": ('{"features": [%s]}', FEATURE, {"format": "json", "records": "features[].properties"}),
}
RECORD = '{"id": "%d", "at": "2026-11-01",\n "st": "open", "code": 1.50, "text": %s}'


def listed(kind: str, *texts: str) -> bytes:
    """Return a JSON document of records that say these, as JSON writes it."""
    around, one, _ = LISTS[kind]
    return (around % " , ".join(one % RECORD % (at, text) for at, text in enumerate(texts))).encode()


@pytest.mark.parametrize("kind", LISTS)
def test_half_a_character_in_a_json_document_sets_that_record_aside_alone(office: Any, kind: str) -> None:
    bench = office(fields=MAPPED | {"outcome_code": {"sql": "text->>'$.a'"}}, keep=["text"])
    last = listed(kind, '{"a": "y"}').replace(b'"0"', b'"9"')
    pages = [listed(kind, '{"a": "x"}', *HALVES, '{"a": 1.50, "b": "路"}'), listed(kind), last]
    checked = bench.judge(pages, **LISTS[kind][2])
    broken = list(range(1, len(HALVES) + 1))
    found = checked.table("findings")
    assert [(row["rec"], row["rule"]) for row in found] == [(at, "malformed_record") for at in broken]
    assert [row["position"] for row in checked.table("set_aside")] == broken
    accepted = checked.accepted.select("request_id", "service_code", "description", "outcome_code").rows()
    code = bench.judge([listed("json", "{}")], delivery_id="20261124T120000Z").accepted["service_code"][0]
    texts = [('{"a":"x"}', "x"), ('{"a":1.5,"b":"路"}', "1.5"), ('{"a":"y"}', "y")]
    assert accepted == [(number, code, *text) for number, text in zip("079", texts, strict=True)]


def test_half_a_character_in_the_name_of_a_field_sets_that_record_aside_alone(office: Any) -> None:
    checked = office(fields=MAPPED).judge([listed("json", '"x"', '"y"').replace(b'"y"', rb'"y", "te\ud800": 1')])
    assert [(row["rec"], row["rule"]) for row in checked.table("findings")] == [(1, "malformed_record")]


HARMS = {
    "cut": (lambda body: body[:-1], "it may have been cut off"),
    "cut-inside": (lambda body: body[:-9], "it may have been cut off"),
    "more": (lambda body: body + b"{}", "it may have been cut off"),
    "utf-16": (lambda body: body.decode().encode("utf-16"), "byte 0 is not utf-8"),
    "damaged": (lambda body: body.replace(b"A-", b"\xc3"), "is not utf-8"),
    "deep": (lambda body: body.replace(b'"A-"', b"[" * 3000 + b"]" * 3000), "nested too deep"),
    "no-list": (lambda body: rb'{"rows": 1, "half": "\ud800"}', "no list of records at"),
}


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("kind", LISTS)
def test_a_json_document_that_is_none_refuses_the_delivery_in_words(office: Any, kind: str, harm: str) -> None:
    harmed, told = HARMS[harm]
    checked = office(fields=MAPPED).judge([harmed(listed(kind, r'"\ud800"', '"A-"'))], **LISTS[kind][2])
    assert checked.verdict.refused_because == ["unreadable_page"]
    assert told in checked.found("unreadable_page")[0]["message"]


NULS = [r'"a\u0000b"', r'"\u0000"', r'{"a": "\u0000"}', r'["\\\u0000"]', r'[["x\u0000"]]']
NO_NULS = [r'"a\\u0000b"', r'["\\u0000"]']
"""What a JSON value is, and looks like, that holds NUL."""


@pytest.mark.parametrize("kind", [*LISTS, "ndjson"])
def test_nul_in_a_record_sets_it_aside_alone(office: Any, kind: str) -> None:
    body = listed("json", *NULS, *NO_NULS)[1:-1].replace(b"\n", b"").replace(b" , ", b"\n")
    layout = {"format": kind}
    if kind in LISTS:
        body, layout = listed(kind, *NULS, *NO_NULS), LISTS[kind][2]
    checked = office(fields=MAPPED).judge([body], **layout)
    assert {(row["rec"], row["rule"]) for row in checked.table("findings")} == {
        (at, "malformed_record") for at in range(len(NULS))
    }
    assert checked.accepted["request_id"].to_list() == ["5", "6"]


@pytest.mark.parametrize("half", HALVES)
def test_half_a_character_in_a_line_of_json_sets_that_record_aside_alone(office: Any, half: str) -> None:
    lines = [f'{{"id": "{at}", "at": "2026-11-01", "st": "open", "code": "A", "text": {text}}}'
             for at, text in enumerate(['"x"', half, '"y"'])]  # fmt: skip
    checked = office(fields=MAPPED, keep=["text"]).judge(["\n".join(lines).encode()], format="ndjson")
    assert [(row["rec"], row["rule"]) for row in checked.table("findings")] == [(1, "malformed_record")]
    assert checked.verdict.accepted == 2


@pytest.mark.parametrize("format", ["syndication", "xml"])
@pytest.mark.parametrize("half", ["&#xD800;", "&#55296;"])
def test_half_a_character_in_markup_refuses_the_delivery(office: Any, format: str, half: str) -> None:
    body = f"<rss><channel><item><title>{half}</title></item></channel></rss>".encode()
    mapped = {"item_id": "title", "source_code": "title", "published_at": "published", "title": "title"}
    checked = office(contract="opinion_item", fields=mapped).judge([body], format=format)
    assert checked.verdict.refused_because == ["unreadable_page"]


@pytest.mark.parametrize(
    ("body", "layout"),
    [
        (json.dumps(RECORDS).encode(), {"format": "json"}),
        (json.dumps({"result": {"records": RECORDS}}).encode(), {"format": "json", "records": "result.records"}),
        (b"\n".join(json.dumps(record).encode() for record in RECORDS) + b"\n\n", {"format": "ndjson"}),
        (in_csv(), {"format": "csv"}),
        (b"\xef\xbb\xbf" + in_csv(), {"format": "csv"}),
        (
            in_csv("gb18030", ";", "Report of the day\n\n"),
            {"format": "csv", "encoding": "gb18030", "delimiter": ";", "header_row": 3},
        ),
        (
            json.dumps({"features": [{"attributes": record} for record in RECORDS]}).encode(),
            {"format": "json", "records": "features[].attributes"},
        ),
        (
            json.dumps({"type": "FeatureCollection", "features": [{"properties": one} for one in RECORDS]}).encode(),
            {"format": "geojson"},
        ),
    ],
    ids=["json", "wrapped", "ndjson", "csv", "csv-bom", "csv-gb18030", "arcgis", "geojson"],
)
def test_the_same_records_are_read_from_every_format(office: Any, body: bytes, layout: dict[str, Any]) -> None:
    assert told(office(fields=MAPPED).judge([body], **layout)) == GOOD


def test_a_workbook_is_read_below_its_titles_and_blank_lines_are_no_records(office: Any) -> None:
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Requests")
    rows = [
        ["Requests of the day"],
        ["id", "at", "st", "code", "text"],
        ["007", dt.datetime(2026, 11, 1, 10, 30), "open", 12, None],
        [None] * 5,
        ["  "] * 5,
        ["008", "2026-11-02", "closed", 12.5, "x"],
    ]
    for row in rows:
        sheet.append(row)
    book.save(body := io.BytesIO())
    checked = office(fields=MAPPED).judge([body.getvalue()], format="workbook", sheet="Requests", header_row=2)
    assert told(checked) == [("007", "open", "12", None), ("008", "closed", "12.5", "x")]
    assert checked.accepted["requested_at"][0] == dt.datetime(2026, 11, 1, 16, 30, tzinfo=dt.UTC)


def test_a_sheet_that_is_not_there_refuses_the_delivery(office: Any) -> None:
    openpyxl.Workbook().save(body := io.BytesIO())
    checked = office(fields=MAPPED).judge([body.getvalue()], format="workbook", sheet="Requests")
    assert checked.verdict.refused_because == ["unreadable_page"]


def test_open311_xml_is_read_with_its_nested_fields_as_json(office: Any) -> None:
    body = b"""<?xml version="1.0" encoding="utf-8"?><service_requests xmlns="urn:x">
        <request><id>007</id><at>2026-11-01T10:00:00Z</at><st>open</st><code>A</code><text/><more><a>1</a></more></request>
        <request><id>008</id><at>2026-11-01T10:00:00Z</at><st>open</st><code>B</code><text>hm</text></request>
        </service_requests>"""
    for records in ("", "request"):
        bench = office(fields=MAPPED | {"outcome_code": {"sql": "more->>'$.a'"}})
        checked = bench.judge([body], delivery_id=f"20261123T12000{len(records)}Z", format="xml", records=records)
        assert told(checked) == [("007", "open", "A", None), ("008", "open", "B", "hm")]
        assert checked.accepted["outcome_code"].to_list() == ["1", None]


def test_xml_that_reads_files_refuses_the_delivery(office: Any, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hidden")
    body = f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]><a><r><id>&x;</id></r></a>'.encode()
    checked = office(fields=MAPPED).judge([body], format="xml")
    assert checked.verdict.refused_because == ["unreadable_page"]
    assert "hidden" not in checked.text


def test_syndication_gives_iso_instants_whatever_the_dialect(office: Any) -> None:
    mapped = {
        "item_id": "id",
        "source_code": {"sql": "'herald'"},
        "published_at": "published",
        "title": "title",
        "language": "language",
        "url": "link",
        "body": "summary",
    }
    rss = b"""<rss version="2.0"><channel><language>en</language><item><guid>1</guid><title>Lamps</title>
        <link>http://127.0.0.1/1</link><pubDate>Fri, 20 Nov 2026 08:00:00 -0600</pubDate></item></channel></rss>"""
    atom = b"""<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>2</id><title>Lights</title>
        <link href="http://127.0.0.1/2"/>
        <published>2026-11-20T08:00:00-06:00</published><summary>s</summary></entry></feed>"""
    accepted = office(contract="opinion_item", fields=mapped).judge([rss, atom], format="syndication").accepted
    assert accepted["published_at"].to_list() == [dt.datetime(2026, 11, 20, 14, tzinfo=dt.UTC)] * 2
    assert accepted.select("item_id", "language", "url").rows() == [
        ("1", "en", "http://127.0.0.1/1"),
        ("2", None, "http://127.0.0.1/2"),
    ]


@pytest.mark.parametrize(
    ("dates", "published", "updated"),
    [
        (b"<pubDate>Fri, 20 Nov 2026 08:00:00 -0600</pubDate>", "2026-11-20T14:00:00+00:00", None),
        (
            b"<pubDate>Fri, 20 Nov 2026 08:00:00 -0600</pubDate><updated>2026-11-21T08:00:00-06:00</updated>",
            "2026-11-20T14:00:00+00:00",
            "2026-11-21T14:00:00+00:00",
        ),
        (b"<pubDate>soon</pubDate>", "soon", None),
    ],
    ids=["never-updated", "updated", "unreadable"],
)
def test_an_item_that_was_never_updated_does_not_say_it_was(
    tmp_path: Path, dates: bytes, published: str, updated: str | None
) -> None:
    page = tmp_path / "page"
    page.write_bytes(
        b'<rss version="2.0" xmlns="http://www.w3.org/2005/Atom"><channel><item><title>t</title>'
        + dates
        + b"</item></channel></rss>"
    )
    [sheaf] = read_syndication([Page("page", page)], None, {"published", "updated"})
    assert sheaf.records.select("published", "updated").rows() == [(published, updated)]


def test_a_page_that_is_the_path_of_a_file_is_not_opened(office: Any, tmp_path: Path) -> None:
    (tmp_path / "feed").write_text("<rss><channel><item><title>t</title></item></channel></rss>")
    mapped = {"item_id": "title", "source_code": "title", "published_at": "published", "title": "title"}
    checked = office(contract="opinion_item", fields=mapped).judge(
        [str(tmp_path / "feed").encode()], format="syndication"
    )
    assert checked.verdict.refused_because == ["unreadable_page"]


@pytest.mark.parametrize(
    ("format", "body", "rec"),
    [
        (
            "ndjson",
            b'{"id":"1","at":"2026-11-01","st":"open","code":"A","text":"x"}\n{"id": "2", \n[1]\n'
            b'{"id":"3","at":"2026-11-01","st":"open","code":"A"}\n',
            [1, 2],
        ),
        (
            "csv",
            b"id,at,st,code,text\n1,2026-11-01,open,A,x\n2,2026-11-01,open\n3,2026-11-01,open,A,\n4,,,,,,\n",
            [1, 3],
        ),
    ],
)
def test_a_damaged_line_is_set_aside_alone_and_for_that_reason_only(
    office: Any, format: str, body: bytes, rec: list[int]
) -> None:
    checked = office(fields=MAPPED).judge([body], format=format)
    assert [(row["rec"], row["rule"]) for row in checked.table("findings")] == [(at, "malformed_record") for at in rec]
    assert checked.verdict.accepted == 2
    assert [row["position"] for row in checked.table("set_aside")] == rec


def test_a_csv_that_ends_within_quotes_refuses_the_delivery(office: Any) -> None:
    checked = office(fields=MAPPED).judge([b'id,at,st,code,text\n1,2026-11-01,open,A,"x\n'], format="csv")
    assert checked.verdict.refused_because == ["unreadable_page"]


def test_a_csv_is_read_slice_by_slice_with_places_that_go_on(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contracts.pages.tables.SLICE", 3)
    lines = "".join(f"{number},2026-11-01,{'gone' if number == 7 else 'open'},A,\n" for number in range(8))
    checked = office(fields=MAPPED).judge([f"id,at,st,code,text\n{lines}".encode()], format="csv")
    assert checked.verdict.accepted == 7
    assert [(row["rec"], row["position"]) for row in checked.table("set_aside")] == [(7, 7)]


def test_names_of_fields_are_matched_to_the_letter_and_values_come_as_written(office: Any) -> None:
    record = {
        "id": 12345678901234567890123,
        "ID": "other",
        "at": "2026-11-01",
        "st": "open",
        "code": 7,
        "@iot.id": "q",
        "text": {"a": [1, 2.5]},
    }
    mapped = MAPPED | {"outcome_code": "ID", "responsible": "@iot.id", "service_name": {"sql": "text->>'$.a[1]'"}}
    accepted = office(fields=mapped).judge([[record]]).accepted
    columns = ["request_id", "outcome_code", "service_code", "responsible", "service_name", "description"]
    assert accepted.select(columns).row(0) == ("12345678901234567890123", "other", "7", "q", "2.5", '{"a":[1,2.5]}')


def test_a_geometry_beside_the_properties_is_a_field_of_the_record(office: Any) -> None:
    shape = {"type": "Point", "coordinates": [1.5, 2]}
    body = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "geometry": shape, "properties": {"code": 32, "name": "Loop"}}],
    }
    mapped = {"area_code": "code", "area_name": "name", "geometry": "geometry"}
    accepted = office(contract="area", fields=mapped).judge([json.dumps(body).encode()], format="geojson").accepted
    assert accepted.select("area_code", "area_name").row(0) == ("32", "Loop")
    assert json.loads(accepted["geometry"][0]) == shape


def test_elements_that_are_no_records_are_set_aside(office: Any) -> None:
    checked = office(fields=MAPPED).judge([[*RECORDS, 3, None, "x"]])
    assert {row["rec"] for row in checked.table("set_aside")} == {2, 3, 4}
    assert told(checked) == GOOD


def test_kept_fields_come_along_as_json(office: Any) -> None:
    page = [{**RECORDS[0], "ward": 42, "note": None}, RECORDS[1]]
    accepted = office(fields=MAPPED, keep=["ward", "note", "never"]).judge([page]).accepted
    assert accepted["_extra"].to_list() == ['{"ward":"42","note":null}', None]


@pytest.mark.skipif(not SAMPLES.exists(), reason="the recorded samples are not here")
def test_recorded_open311_answers_are_read(office: Any) -> None:
    pages = sorted((SAMPLES / "open311").rglob("*requests*.json"))
    assert pages
    mapped = {
        "request_id": "service_request_id",
        "requested_at": "requested_datetime",
        "status": "status",
        "service_code": "service_code",
        "updated_at": "updated_datetime",
    }
    for number, page in enumerate(pages):
        body = page.read_bytes()
        if not isinstance(json.loads(body), list):
            continue
        checked = office(fields=mapped).judge([body], delivery_id=f"20261123T1200{number:02}Z")
        assert checked.verdict.received == len(json.loads(body))
