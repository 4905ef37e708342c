"""Feeds drafted from files: made-up ones in every format, and real ones of Chicago."""

from __future__ import annotations

import gzip
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from cities import City, home
from contracts import ContractError, check
from contracts.drafting import draft, unusable
from contracts.fit import misfits
from extractors import fetch
from sandbox.protocols.workbook import write_workbook
from tests.contracts.drafting.town import make_town, put, shown

LINES = [
    ["number", "day", "playground", "outcome", "district"],
    ["P-001", "20/10/2026", "Riverside", "safe", "D01"],
    ["P-002", "21/10/2026", "Mill Lane", "repair", "D04"],
    ["P-003", "22/10/2026", "Old Harbour", "closed", "D09"],
]
REQUESTS = [
    ["number", "requested", "status", "request type", "district"],
    ["T-101", "12/10/2026 08:40", "closed", "PRUNE", "D01"],
    ["T-102", "13/10/2026 11:05", "closed", "FELL", "D04"],
    ["T-103", "14/10/2026 09:30", "open", "FELL", "D04"],
    ["T-104", "16/10/2026 10:00", "planned", "FELL", "D09"],
]
RECORDS = [dict(zip(LINES[0], line, strict=True)) for line in LINES[1:]]


def table(delimiter: str, lines: list[list[str]] = LINES) -> bytes:
    return "".join(delimiter.join(line) + "\n" for line in lines).encode()


def packed(name: str, body: bytes, place: Path) -> None:
    with zipfile.ZipFile(place, "w") as file:
        file.writestr(name, body)


ELEMENTS = ("".join(f"<{name}>{value}</{name}>" for name, value in record.items()) for record in RECORDS)
XML = "".join(f"<visit>{elements}</visit>" for elements in ELEMENTS)
FILES: dict[str, tuple[bytes, dict[str, Any]]] = {
    "visits.csv": (table(","), {"format": "csv"}),
    "semicolons.csv": (table(";"), {"format": "csv", "delimiter": ";"}),
    "titled.csv": (b"Playgrounds\n\n" + table(","), {"format": "csv", "header_row": 3}),
    "visits.tsv": (table("\t"), {"format": "tsv"}),
    "visits.txt": (table("|"), {"format": "csv", "delimiter": "|"}),
    "utf16.csv": (table(",").decode().encode("utf-16"), {"format": "csv"}),
    "visits.csv.gz": (gzip.compress(table(",")), {"format": "csv"}),
    "list.json": (json.dumps(RECORDS).encode(), {"format": "json"}),
    "deep.json": (json.dumps({"ok": True, "data": {"visits": RECORDS}}).encode(),
                  {"format": "json", "records": "data.visits"}),
    "visits.ndjson": ("\n".join(map(json.dumps, RECORDS)).encode(), {"format": "ndjson"}),
    "visits.xml": (f"<visits>{XML}</visits>".encode(), {"format": "xml", "records": "visit"}),
    "visits.xlsx": (write_workbook("Visits", LINES, []), {"format": "workbook"}),
}  # fmt: skip


@pytest.fixture
def town(tmp_path: Path) -> City:
    return make_town(tmp_path / "town", ["D01", "D04", "D09"])


@pytest.mark.parametrize("name", FILES)
def test_the_format_of_a_file_is_found_out(name: str, town: City, tmp_path: Path) -> None:
    body, terms = FILES[name]
    (tmp_path / name).write_bytes(body)
    drafted = draft(str(tmp_path / name), town)
    city, feed_id, feed = put(drafted, tmp_path / "town")
    assert misfits(city) == []
    assert (feed.system, feed.contract, feed.glob) == ("folder", "inspection", name)
    assert {key: getattr(feed, key) for key in terms} == terms
    told = {key: held.sender_field for key, held in feed.fields.items()}
    assert told == {"inspection_id": "number", "inspection_date": "day", "establishment_name": "playground",
                    "result": "outcome", "area_code": "district"}  # fmt: skip
    assert feed.fields["result"].values == {"safe": "pass", "repair": "fail"}
    assert feed.fields["inspection_date"].format == "%d/%m/%Y"
    place = fetch(feed_id, feed, "20261026T113000Z", cursor=None, time_zone=city.time_zone)
    verdict = check(place, feed_id, feed, city)
    assert (verdict.received, verdict.accepted) == (3, 2)


def test_what_a_human_must_decide_is_marked(town: City, tmp_path: Path) -> None:
    (tmp_path / "visits-2026-10.csv").write_bytes(table(","))
    text = draft(str(tmp_path / "visits-2026-10.csv"), town).text
    assert "# ? the names of later files too, like visits-*.csv" in text
    assert "# ? closed: not read until it is one of pass, pass_with_conditions, fail, other" in text
    assert "# ? safe: taken for pass; allowed are pass, pass_with_conditions, fail, other" in text


def test_a_code_that_is_not_known_is_marked_beside_codes_that_need_no_other_name(town: City, tmp_path: Path) -> None:
    (tmp_path / "requests.csv").write_bytes(table(",", REQUESTS))
    lines = [line.strip() for line in draft(str(tmp_path / "requests.csv"), town).text.splitlines()]
    at = lines.index("status: {from: status, values: {closed: closed, open: open}}")
    assert lines[at + 1] == "# ? planned: not read until it is one of open, closed, cancelled"


def test_a_time_is_not_taken_for_the_number_of_a_record(town: City, tmp_path: Path) -> None:
    (tmp_path / "requests.csv").write_bytes(table(",", REQUESTS))
    _, _, feed = put(draft(str(tmp_path / "requests.csv"), town), tmp_path / "town")
    told = {key: feed.fields[key].sender_field for key in ("request_id", "requested_at")}
    assert told == {"request_id": "number", "requested_at": "requested"}


def test_a_zip_of_one_file_is_read_by_its_ending(town: City, tmp_path: Path) -> None:
    packed("visits.csv", table(","), tmp_path / "visits.zip")
    _, _, feed = put(draft(str(tmp_path / "visits.zip"), town), tmp_path / "town")
    assert (feed.format, feed.member) == ("csv", "*.csv")


def test_dates_that_can_be_read_in_two_ways_are_a_doubt(town: City, tmp_path: Path) -> None:
    lines = [LINES[0], ["P-001", "03/04/2026", "Riverside", "safe", "D01"]]
    (tmp_path / "visits.csv").write_bytes(table(",", lines))
    text = draft(str(tmp_path / "visits.csv"), town).text
    assert 'inspection_date: {from: day, format: "%m/%d/%Y"} # ? or %d/%m/%Y' in text


def test_a_file_under_the_home_is_named_from_there(town: City, tmp_path: Path) -> None:
    folder = home() / "drops" / "parks"
    folder.mkdir(parents=True)
    (folder / "visits.csv").write_bytes(table(","))
    _, _, feed = put(draft(str(folder / "visits.csv"), town), tmp_path / "town")
    assert feed.url == "file:drops/parks"


def test_a_feed_for_a_department_that_is_there_is_its_feed_alone(town: City, tmp_path: Path) -> None:
    (tmp_path / "visits.csv").write_bytes(table(","))
    drafted = draft(str(tmp_path / "visits.csv"), town, department="mayor")
    assert drafted.text.splitlines()[:2] == ["# file: cities/town/mayor.yml, at its end", "  inspection:"]


def test_the_kind_of_record_can_be_said(town: City, tmp_path: Path) -> None:
    (tmp_path / "visits.csv").write_bytes(table(","))
    city, _, feed = put(draft(str(tmp_path / "visits.csv"), town, contract="incident"), tmp_path / "town")
    assert feed.contract == "incident"
    assert misfits(city) == []


def test_what_lies_inside_objects_is_read_by_an_expression(town: City, tmp_path: Path) -> None:
    visits = [{"group": {"number": one["number"], "the day": one["day"]}, "outcome": "safe"} for one in RECORDS]
    (tmp_path / "visits.json").write_text(json.dumps(visits))
    city, feed_id, feed = put(draft(str(tmp_path / "visits.json"), town, contract="inspection"), tmp_path / "town")
    assert misfits(city) == []
    assert feed.fields["inspection_id"].sql == """"group"->>'$.number'"""
    assert feed.fields["inspection_date"].sql == """"group"->>'$."the day"'"""
    place = fetch(feed_id, feed, "20261026T113000Z", cursor=None, time_zone=city.time_zone)
    assert check(place, feed_id, feed, city).accepted == 3


def test_the_notes_of_a_record_are_not_taken_for_records(town: City, tmp_path: Path) -> None:
    notes = "<notes><note><by>x</by><on>y</on></note><note><by>x</by><on>z</on></note></notes>"
    inner = XML.replace("</visit>", notes + "</visit>")
    (tmp_path / "visits.xml").write_text(f"<answer><visits>{inner}</visits></answer>")
    _, _, feed = put(draft(str(tmp_path / "visits.xml"), town), tmp_path / "town")
    assert (feed.contract, feed.records) == ("inspection", "visit")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "none that can be read|no table"),
        (b"hello\n", "no table"),
        (b"<html><body>Sign in</body>", "none that can be read"),
        (b'{"a": [{"b"', "none, or was cut off"),
        (b'{\n "a": 1\n}', "no list of objects"),
        (b"\x1f\x8bnot gzip", "damaged"),
        (b"PK\x03\x04not a zip", "damaged"),
        (b"[]", "no list of objects"),
    ],
)
def test_a_file_that_holds_no_records_is_refused_in_words(body: bytes, why: str, town: City, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(body)
    with pytest.raises(ContractError, match=why):
        draft(str(tmp_path / "file"), town)
    assert not list((home() / "deliveries").glob("*"))


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (("/nowhere/x.csv", None, None), "no such file"),
        (("ftp://c.example/x.csv", None, None), "cannot be sampled"),
        (("http://c.example/x", "incidnet", None), "did you mean incident"),
        (("http://c.example/x", None, "Parks & Co"), "cannot be a name"),
    ],
)
def test_what_cannot_be_drafted_is_told_before_anybody_is_asked(asked: Any, why: str) -> None:
    assert why in (unusable(*asked) or "")


CHICAGO = {
    "sanitation_complaints_snapshot_2014-11-10.csv.gz": ("service_request", 0.98),
    "crimes_burglary_2011-07_2014-11.csv.gz": ("incident", 0.99),
    "soda_crimes_2012_first1000.json": ("incident", 0.99),
    "food_inspections_2011-09_2014-12.csv.gz": ("inspection", 0.99),
    "open311_requests_extended.json": ("service_request", 0),
    "community_areas.geojson": ("area", 0.99),
    "community_areas_converted.geojson": ("area", 0.99),
}


@pytest.mark.parametrize("name", CHICAGO)
def test_records_of_chicago_are_recognised_and_read(name: str, public_data: Path, tmp_path: Path) -> None:
    kind, share = CHICAGO[name]
    town = make_town(tmp_path / "town", [str(number) for number in range(1, 78)])
    drafted = draft(str(public_data / "chicago" / name), town)
    city, _, feed = put(drafted, tmp_path / "town")
    assert misfits(city) == []
    assert feed.contract == kind
    [(received, accepted)] = re.findall(r"^of (\d+) records (\d+) would be accepted", shown(drafted), re.MULTILINE)
    assert int(accepted) >= share * int(received)
    assert int(received) >= 50
