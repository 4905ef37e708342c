"""Headers, broken lines and packed files of CSV, files of fixed width and workbooks."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import json
import socket
import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from contracts.pages import UnreadablePage
from contracts.pages.fixed_width import read_fixed_width
from contracts.pages.headers import find_header
from contracts.pages.page import Page
from contracts.pages.tables import read_csv
from contracts.pages.workbooks import read_workbook
from extractors.source import Layout

MAPPED = {"request_id": "id", "requested_at": "at", "status": "st", "service_code": "code", "description": "text"}
HEAD = "id,at,st,code,text\n"


def line(number: int, text: str = "x") -> str:
    return f"{number},2026-11-01,open,A,{text}\n"


def read(body: bytes, wanted: set[str], **told: Any) -> list[tuple[Any, ...]]:
    """Return the records of a file as they were read, broken ones as None."""
    layout = Layout(**{"format": "csv", **told})
    readers = {"csv": read_csv, "fixed_width": read_fixed_width, "workbook": read_workbook}
    rows: list[Any] = []
    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        page = Page("page", Path(file.name), layout.encoding or "utf-8", "file.txt")
        for sheaf in readers[layout.format]([page], layout, wanted):
            records = sheaf.records.select(sorted(sheaf.records.columns)).rows()
            rows += [None if bad else row for row, bad in zip(records, sheaf.broken, strict=True)]
    return rows


def book(*sheets: tuple[str, list[list[Any]]]) -> bytes:
    made, body = openpyxl.Workbook(), io.BytesIO()
    made.remove(made.active)
    for name, rows in sheets:
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(body)
    return body.getvalue()


TITLES = "Report of the day,,\n,,\nmade by the office,,\n"


@pytest.mark.parametrize("row", [4, "auto"])
def test_the_line_that_names_the_columns_may_lie_under_titles(row: int | str) -> None:
    body = (TITLES + "id,name,note\n1,a,b\n2,c,d\n").encode()
    assert read(body, {"id", "name"}, header_row=row) == [("1", "a"), ("2", "c")]
    rows = [["Report"], [], ["made by"], ["id", "name", "note"], [1, "a", "b"], [2, "c", "d"]]
    sheet = book(("One", rows))
    assert read(sheet, {"id", "name"}, format="workbook", header_row=row) == [("1", "a"), ("2", "c")]


def test_a_header_that_lost_a_column_is_found_all_the_same() -> None:
    body = (TITLES + "id,nome,note\n1,a,b\n").encode()
    assert read(body, {"id", "name", "note"}, header_row="auto") == [("1", "b")]


def test_a_table_without_any_mapped_wording_is_refused() -> None:
    with pytest.raises(UnreadablePage, match="no line names the columns; look at the feed's `header_row`"):
        read(b"a,b\n1,2\n", {"id"}, header_row="auto")
    with pytest.raises(UnreadablePage, match="no line names the columns"):
        read(b"", {"id"}, header_row=3)


def test_lines_that_name_the_columns_together_are_joined_and_merged_cells_count_for_all_their_columns() -> None:
    upper = ["Number", "Reading", None, "Taken"]
    lower = [None, "first", "second", "at"]
    wanted = {"Number", "Reading first", "Reading second", "Taken at"}
    rows = [("7", "1.5", "2", "noon")]
    sheet = book(("One", [upper, lower, [7, 1.5, 2, "noon"]]))
    assert read(sheet, wanted, format="workbook", header_rows=2) == rows
    body = b"Number,Reading,,Taken\n,first,second,at\n7,1.5,2,noon\n"
    assert read(body, wanted, header_rows=2) == rows
    assert read(b"title,,,\n" + body, wanted, header_rows=2, header_row="auto") == rows


WRITTEN = ["Sample Time", " Sample  Time ", "Sample\nTime", "Sample\u00a0Time", "\ufeffSample Time"]


@pytest.mark.parametrize("wording", WRITTEN)
def test_blanks_and_line_breaks_in_a_wording_make_no_difference(wording: str) -> None:
    assert read(f'id,"{wording}"\n1,x\n'.encode(), {"Sample Time"}) == [("x",)]
    assert read(book(("One", [["id", wording], [1, "x"]])), {"Sample Time"}, format="workbook") == [("x",)]


def test_capital_letters_in_a_wording_do() -> None:
    assert read(b"id,NAME\n1,x\n", {"id", "name"}) == [("1",)]


def test_a_name_that_occurs_twice_is_no_name(office: Any) -> None:
    assert read(b"id,name,name\n1,a,b\n", {"name", "name (2)", "name (3)"}) == [("a", "b")]
    checked = office(fields=MAPPED).judge([b"id,at,st,code,text,text\n1,2026-11-01,open,A,x,y\n"], format="csv")
    assert checked.verdict.refused_because == ["layout_removed"]
    assert checked.verdict.layout_change["renamed"] == [["text", "text (6)"]]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("name (2),name,name", ["name (2)", "name (2) (2)", "name (3)"]),
        ("column 2,", ["column 2", "column 2 (2)"]),
        ("a,a,a", ["a (1)", "a (2)", "a (3)"]),
        (",", []),
    ],
)
def test_every_column_has_another_name(header: str, names: list[str]) -> None:
    assert find_header([header.split(",")], Layout(format="csv"), set())[0] == names


def test_columns_without_names_are_numbered() -> None:
    assert read(b"1,a\n2,b\n", {"column 1", "column 2"}, header_row=0) == [("1", "a"), ("2", "b")]
    assert read(b"id,,x\n1,a,b\n", {"column 2"}) == [("a",)]


def test_a_header_inside_the_data_is_set_aside_alone(office: Any) -> None:
    body = (HEAD + line(1) + HEAD + line(2)).encode()
    checked = office(fields=MAPPED).judge([body], format="csv")
    assert [(row["rec"], row["rule"]) for row in checked.table("findings")] == [(1, "malformed_record")]
    assert (checked.verdict.received, checked.verdict.accepted, checked.verdict.set_aside) == (3, 2, 1)


def test_a_record_with_nul_is_set_aside_alone(office: Any) -> None:
    body = (HEAD + line(1) + line(2, "a\0b") + line(3)).encode() + b"\0" * 500
    checked = office(fields=MAPPED).judge([body], format="csv")
    assert [row["rec"] for row in checked.found("malformed_record")] == [1, 3]
    assert checked.verdict.accepted == 2


def test_utf16_without_its_mark_is_told_and_not_guessed(office: Any) -> None:
    checked = office(fields=MAPPED).judge([(HEAD + line(1)).encode("utf-16-le")], format="csv")
    assert "it may be UTF-16" in checked.found("unreadable_page")[0]["message"]
    bench = office(fields=MAPPED)
    again = bench.judge([(HEAD + line(1)).encode("utf-16-le")], delivery_id="20261124T120000Z", format="csv",
                        encoding="utf-16-le")  # fmt: skip
    assert again.verdict.accepted == 1


def test_a_quote_that_is_never_closed_refuses_the_delivery_and_names_the_line(office: Any) -> None:
    body = (HEAD + line(1) + '2,2026-11-01,open,A,"x\n' + line(3)).encode()
    checked = office(fields=MAPPED).judge([body], format="csv")
    assert checked.verdict.refused_because == ["unreadable_page"]
    assert "line 4: unexpected end of data" in checked.found("unreadable_page")[0]["message"]


def test_where_nothing_quotes_a_quote_is_a_letter() -> None:
    assert read(b'id\tname\n1\t"a\n', {"name"}, delimiter="\t", quote="") == [('"a',)]
    assert read(b"id;name\n1;'a;b'\n", {"name"}, delimiter=";", quote="'") == [("a;b",)]


def test_a_huge_value_is_read_and_one_beyond_all_bounds_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    outline = "POLYGON((" + "1 2," * 200_000 + "))"
    assert read(f'id,shape\n1,"{outline}"\n'.encode(), {"shape"}) == [(outline,)]
    monkeypatch.setattr("contracts.pages.tables.LONGEST", 1_000)
    with pytest.raises(UnreadablePage, match="line 2: field larger than field limit"):
        read(f'id,shape\n1,"{outline}"\n'.encode(), {"shape"})


def test_a_wrong_encoding_that_was_given_is_refused_and_not_mended(office: Any) -> None:
    checked = office(fields=MAPPED).judge([(HEAD + line(1, "路灯")).encode("gb18030")], format="csv", encoding="utf-8")
    assert checked.verdict.refused_because == ["unreadable_page"]
    assert checked.found("unreadable_page")[0]["message"] == "page 00000.page: not utf-8"


COLUMNS = [{"name": "id", "start": 1, "width": 3}, {"name": "name", "start": 5, "width": 6}]


def test_a_file_of_fixed_width_is_read_by_the_places_of_its_columns() -> None:
    body = "001 路灯   \r\n\r\n002 sign   more\r\n003 x\r\n\x1a".encode()
    assert read(body, {"id", "name"}, format="fixed_width", columns=COLUMNS, header_row=0) == [
        ("001", "路灯   "), ("002", "sign  "), ("003", "x"),
    ]  # fmt: skip


def test_a_line_that_ends_before_its_last_column_is_broken() -> None:
    body = b"title\n001 lamp\n002\n003 \n004 x\0y\n"
    rows = read(body, {"id", "name"}, format="fixed_width", columns=COLUMNS, header_row=1)
    assert rows == [("001", "lamp"), None, None, None]


@pytest.mark.parametrize(("encoding", "word"), [("gb18030", "路灯故"), ("cp949", "가로등")])
def test_places_counted_in_bytes_are_those_of_the_encoding(encoding: str, word: str) -> None:
    body = f"001 {word}x\n002 a{word}\n".encode(encoding)
    told = {"format": "fixed_width", "columns": COLUMNS, "encoding": encoding, "counted_in": "bytes", "header_row": 0}
    # in the second line the last character is cut in two
    assert read(body, {"id", "name"}, **told) == [("001", word), None]


def test_several_sheets_are_read_and_name_themselves() -> None:
    body = book(
        ("Summary", [["x"], [1]]),
        ("May 1", [["id", "v"], [1, 2]]),
        ("May 2", []),
        ("May 3", [["v", "id"], [4, 3], [None, None], ["  ", None]]),
    )
    assert read(body, {"id", "v", "_sheet"}, format="workbook", sheet="May *") == [
        ("May 1", "1", "2"), ("May 3", "3", "4"),
    ]  # fmt: skip
    assert read(body, {"x"}, format="workbook") == [("1",)]
    with pytest.raises(UnreadablePage, match=r"no sheet is called 'June \*'; it has Summary, May 1, May 2, May 3"):
        read(body, {"id"}, format="workbook", sheet="June *")


def test_a_cell_whose_formula_failed_is_not_taken_for_a_blank_one() -> None:
    body = book(("One", [[None], ["id", "v"], [1, "#DIV/0!"], [2, "#N/A"], [3, True], [4, dt.date(2026, 1, 2)]]))
    rows = read(body, {"id", "v"}, format="workbook", header_row=2)
    assert [value for _, value in rows] == ["#DIV/0!", "#N/A", "true", "2026-01-02 00:00:00"]


def test_a_sheet_that_lost_a_column_refuses_the_delivery_though_others_have_it(office: Any) -> None:
    full, short = ["id", "at", "st", "code", "text"], ["id", "at", "st", "code", "txt"]
    body = book(("a", [full, [1, "2026-11-01", "open", "A", "x"]]), ("b", [short, [2, "2026-11-01", "open", "A", "x"]]))
    checked = office(fields=MAPPED).judge([body], format="workbook", sheet="*")
    assert checked.verdict.refused_because == ["layout_removed"]
    assert checked.verdict.layout_change["renamed"] == [["text", "txt"]]


WORDINGS = MAPPED | {"service_code": ["code", "Kode", "type"]}


def test_of_several_wordings_the_first_given_is_read_and_a_new_one_is_told_once(office: Any) -> None:
    bench = office(fields=WORDINGS)
    first = bench.judge([(HEAD + line(1)).encode()], delivery_id="20261121T120000Z", format="csv")
    assert (first.found("layout_reworded"), first.verdict.layout_change) == ([], None)
    new = (HEAD.replace("code", "Kode") + line(2)).encode()
    second = bench.judge([(HEAD + line(1)).encode(), new], delivery_id="20261122T120000Z", format="csv")
    assert second.accepted["service_code"].to_list() == ["A", "A"]
    (finding,) = second.found("layout_reworded")
    assert (finding["strength"], finding["field"], finding["sender_field"]) == ("warn", "service_code", "Kode")
    assert finding["message"] == "service_code is read from 'Kode' now, which was 'code'"
    assert second.verdict.layout_change["reworded"] == [["code", "Kode"]]
    assert second.verdict.is_accepted
    third = bench.judge([new], delivery_id="20261123T120000Z", format="csv")
    assert (third.found("layout_reworded"), third.verdict.accepted) == ([], 1)


def test_none_of_several_wordings_refuses_the_delivery(office: Any) -> None:
    body = (HEAD.replace("code", "codes") + line(1)).encode()
    checked = office(fields=WORDINGS).judge([body], format="csv")
    assert checked.verdict.refused_because == ["layout_removed"]
    assert checked.verdict.layout_change["renamed"] == [["code", "codes"]]
    assert {row["sender_field"] for row in checked.found("layout_removed")} == {"code"}


def test_records_of_one_page_may_use_different_wordings(office: Any) -> None:
    page = [{"id": 1, "at": "2026-11-01", "st": "open", "code": "A", "text": "x"},
            {"id": 2, "at": "2026-11-01", "st": "open", "type": "B", "text": "x"},
            {"id": 3, "at": "2026-11-01", "st": "open", "text": "x"}]  # fmt: skip
    checked = office(fields=WORDINGS).judge([page])
    assert checked.accepted["service_code"].to_list() == ["A", "B"]
    assert [row["sender_field"] for row in checked.found("blank")] == ["code or Kode or type"]


def packed(*members: tuple[str, bytes]) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return body.getvalue()


RECORDS = [{"id": str(at), "at": "2026-11-01", "st": "open", "code": "A", "text": "x"} for at in (1, 2)]
BODIES = {
    "csv": (HEAD + line(1) + line(2)).encode(),
    "json": json.dumps(RECORDS).encode(),
    "ndjson": "\n".join(json.dumps(record) for record in RECORDS).encode(),
    "xml": b"<all>%s</all>" % b"".join(
        b"<r>%s</r>" % b"".join(f"<{name}>{value}</{name}>".encode() for name, value in record.items())
        for record in RECORDS
    ),
    "workbook": book(("One", [list(MAPPED.values()), *(list(record.values()) for record in RECORDS)])),
}  # fmt: skip


@pytest.mark.parametrize("format", BODIES)
def test_a_packed_file_is_read_like_one_that_is_not(office: Any, format: str) -> None:
    body = BODIES[format]
    ways = [(body, None), (gzip.compress(body), None), (packed(("in/a.dat", body)), "a.dat"),
            (packed(("b.dat", body), ("a.dat", body)), "*.dat")]  # fmt: skip
    for number, (page, member) in enumerate(ways):
        bench = office(fields=MAPPED)
        checked = bench.judge([page], delivery_id=f"2026112{number}T120000Z", format=format, member=member)
        assert checked.accepted["request_id"].to_list() == ["1", "2"]
        assert checked.verdict.duplicate == (2 if number == 3 else 0)
        assert [path.name for path in checked.folder.parent.iterdir() if path.name.startswith(".")] == []


def test_a_record_of_the_second_member_has_its_place_in_the_whole_page(office: Any) -> None:
    page = packed(("b.csv", (HEAD + line(3) + "4,x\n").encode()), ("a.csv", (HEAD + line(1) + line(2)).encode()))
    checked = office(fields=MAPPED | {"description": "_file"}).judge([page], format="csv", member="*.csv")
    assert [(row["rec"], row["page"], row["position"]) for row in checked.table("set_aside")] == [(3, "00000.page", 3)]
    files = checked.accepted.select("request_id", "description").rows()
    assert files == [("1", "a.csv"), ("2", "a.csv"), ("3", "b.csv")]


def test_what_a_killed_check_had_unpacked_is_removed_by_the_next(office: Any) -> None:
    bench = office(fields=MAPPED)
    delivery = bench.deliver([gzip.compress(BODIES["csv"])], format="csv")
    killed = subprocess.Popen(["true"])
    killed.wait()
    left = delivery / f".unpacked.{socket.gethostname()}.{killed.pid}"
    left.mkdir()
    (left / "00000-0").write_text("1")
    assert bench.check(delivery).verdict.accepted == 2
    assert not left.exists()


@pytest.mark.parametrize(
    "page",
    [packed(("a.csv", BODIES["csv"]))[:-9], gzip.compress(BODIES["csv"], mtime=0)[:-9]],
    ids=["zip", "gzip"],
)
def test_a_packed_page_that_is_damaged_refuses_the_delivery(office: Any, page: bytes) -> None:
    member = "a.csv" if page.startswith(b"PK") else None
    checked = office(fields=MAPPED).judge([page], format="csv", member=member)
    assert checked.verdict.refused_because == ["unreadable_page"]


def test_a_page_that_unpacks_beyond_the_limit_refuses_the_delivery(office: Any) -> None:
    body = packed(("a.csv", HEAD.encode() + line(1).encode() * 100_000))
    checked = office(fields=MAPPED).judge([body], format="csv", member="a.csv", limit_mb=1)
    assert "over the limit of 1 MB" in checked.found("unreadable_page")[0]["message"]
